import pRetry from "p-retry";
import type { Connection } from "../../connections/connection.ts";
import type { EgressResult } from "../../egress/exchange.ts";
import type { CallFailure, ProviderResponse, Send } from "../../providers/call.ts";
import type { Provider } from "../../providers/provider.ts";
import type { ReconcileDeps } from "../deps.ts";
import { apiUrlOf } from "./provider-account.ts";

const timeoutMs = 10_000;
const answerBytesMaxByDefault = 65_536;

/** What goes wrong within seconds is tried again within seconds; an answer never is, but for those of a gateway with nobody behind it. */
const retriedStatuses: ReadonlySet<number> = new Set([502, 503, 504]);

type SendOptions = {
  /** Ends the whole attempt: the lease must not run out under it. */
  signal: AbortSignal;
  /** Whether one more call is within the allowance. */
  mayCallAgain: () => Promise<boolean>;
  /** The connection's bearer token. */
  token: () => Promise<{ kind: "token"; token: string } | CallFailure>;
};

/** Makes calls for one connection; see `Send`. */
export function createSend(
  deps: Pick<ReconcileDeps, "egress">,
  connection: Connection,
  provider: Provider,
  options: SendOptions,
): Send {
  const base = apiUrlOf({ connection, provider }).replace(/\/+$/, "");
  return async call => {
    const bearer = call.auth === "bearer" ? await options.token() : null;
    if (bearer !== null && bearer.kind !== "token") return bearer;
    const headers = { ...call.headers, ...(bearer && { authorization: `Bearer ${bearer.token}` }) };
    const attempt = async () => {
      const result = await deps.egress.send({
        method: call.method,
        url: `${base}${call.path}`,
        headers,
        body: call.body ?? null,
        timeoutMs,
        signal: options.signal,
        responseBytesMax: call.answerBytesMax ?? answerBytesMaxByDefault,
      });
      if (isWorthAnother(result)) throw new Unanswered(result);
      return result;
    };
    return understood(await persist(attempt, options));
  };
}

async function persist(attempt: () => Promise<EgressResult>, options: SendOptions): Promise<EgressResult> {
  try {
    return await pRetry(attempt, {
      retries: 2,
      minTimeout: 300,
      factor: 3,
      maxTimeout: 1_500,
      randomize: true,
      maxRetryTime: 15_000,
      unref: false,
      signal: options.signal,
      onFailedAttempt: () => {},
      shouldConsumeRetry: () => true,
      shouldRetry: async ({ error, retriesLeft }) =>
        error instanceof Unanswered && retriesLeft > 0 && (await options.mayCallAgain()),
    });
  } catch (error) {
    if (error instanceof Unanswered) return error.result;
    return { kind: "network", code: "ABORTED", reason: "the request was given up", latencyMs: 0 };
  }
}

/** p-retry wants something thrown. */
class Unanswered extends Error {
  readonly result: EgressResult;
  constructor(result: EgressResult) {
    super("no answer");
    this.result = result;
  }
}

function isWorthAnother(result: EgressResult): boolean {
  if (result.kind === "answer") return retriedStatuses.has(result.status);
  return result.kind === "network" && result.code !== "ABORTED" && result.code !== "EGRESS_CLOSED";
}

function understood(result: EgressResult): ProviderResponse | CallFailure {
  switch (result.kind) {
    case "answer": {
      if (result.truncated) return { kind: "unavailable", reason: "the answer is too long" };
      const { status, headers, body } = result;
      return { kind: "answer", status, headers, body };
    }
    case "timeout":
      return { kind: "unavailable", reason: `no answer in time (${result.phase})` };
    case "network":
    case "refused":
      return { kind: "unavailable", reason: result.reason };
  }
}
