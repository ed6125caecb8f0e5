import type { CallFailure } from "../providers/call.ts";
import type { StartAnswer } from "../providers/start.ts";
import { callProvider } from "../reconcile/calls/call-provider.ts";
import type { ProviderAccount } from "../reconcile/calls/provider-account.ts";
import { describeFailure } from "../reconcile/calls/record-failure.ts";
import type { PreparedOrder } from "./order.ts";
import type { StartDeps } from "./start-deps.ts";

type Prepared = Extract<PreparedOrder, { kind: "prepared" }>;
type Accepted = Extract<StartAnswer, { kind: "accepted" }>;

/** What became of a start's call. */
export type StartOutcome =
  | Accepted
  /** The provider did not take the order, or nothing was sent. */
  | { kind: "refused"; code: string | null; message: string }
  | { kind: "unknown"; message: string };

/**
 * Makes a start's call. Once, unless the provider promises that one id is one transaction: then a call whose outcome
 * is not known is made once more, and counts where it is accepted. Any other answer to the second call, a refusal too,
 * says nothing of the first, which may have moved the money. Never rejects.
 */
export async function callForStart(
  deps: StartDeps,
  account: ProviderAccount,
  prepared: Prepared,
): Promise<StartOutcome> {
  const first = await callOnce(deps, account, prepared);
  if (first.kind !== "unknown" || !prepared.provider.kinds[prepared.start.kind]!.idempotent) return first;
  const second = await callOnce(deps, account, prepared);
  return second.kind === "accepted" ? second : first;
}

/** One call. A refused access token is no answer to the order: a new token is tried, once. */
async function callOnce(
  deps: StartDeps,
  account: ProviderAccount,
  { start, call, provider }: Prepared,
): Promise<StartOutcome> {
  let isSent = false;
  try {
    const answer = await callProvider<StartAnswer>(
      deps,
      account,
      start,
      async send => {
        const response = await send(call);
        if (response.kind === "answer" || response.kind === "unavailable") isSent = true;
        return response.kind === "answer" ? provider.read(response, start) : response;
      },
      { retries: false, limited: false },
    );
    return outcomeOf(answer);
  } catch (error) {
    // The database has no access token to give: nothing was sent, unless the token was refused after it was.
    const reason = error instanceof Error ? error.message : String(error);
    if (isSent) return { kind: "unknown", message: reason };
    return { kind: "refused", code: null, message: `nothing was sent: ${reason}` };
  }
}

function outcomeOf(answer: StartAnswer | CallFailure): StartOutcome {
  switch (answer.kind) {
    case "accepted":
      return answer;
    case "unknown":
      return { kind: "unknown", message: answer.reason };
    case "unavailable":
      if (answer.notSent) return { kind: "refused", code: null, message: `nothing was sent: ${answer.reason}` };
      return { kind: "unknown", message: answer.reason };
    case "refused":
      return { kind: "refused", code: answer.code, message: answer.reason };
    case "credentials-refused":
    case "throttled":
      return { kind: "refused", code: null, message: describeFailure(answer) };
  }
}
