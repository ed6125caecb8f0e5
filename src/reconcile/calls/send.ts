import { retry } from "../../batch/retry.ts";
import type { Egress } from "../../egress/client.ts";
import type { EgressResult } from "../../egress/exchange.ts";
import { baseUrlOf } from "../../providers/base-url.ts";
import type { CallFailure, ProviderResponse, Send } from "../../providers/call.ts";
import type { TokenAnswer } from "./access-tokens.ts";
import type { ProviderAccount } from "./provider-account.ts";

const timeoutMs = 10_000;
const answerBytesMaxByDefault = 65_536;

/** Answers of a gateway without a server behind it. Every other answer is final. */
const retriedStatuses: ReadonlySet<number> = new Set([502, 503, 504]);
const retries = {
  retriesMax: 2,
  waitMs: 300,
  factor: 3,
  waitMaxMs: 1_500,
  jitter: true,
  retryMaxMs: 15_000,
} as const;

type SendOptions = {
  /** Ends the whole call, retries included. */
  signal: AbortSignal;
  /** Asked before each retry: whether the account's limits allow one more call. */
  mayRetry: () => Promise<boolean>;
  /** False for calls that must be made once: a second one could do what the first did already. True by default. */
  retries?: boolean;
  /** An access token of the account; `name` is null for the one of Provider.token. */
  token: (name: string | null) => Promise<TokenAnswer>;
};

/** Makes HTTP calls for one account; see `Send`. */
export function createSend(egress: Pick<Egress, "send">, account: ProviderAccount, options: SendOptions): Send {
  return async call => {
    const { auth } = call;
    const bearer = auth === undefined ? null : await options.token(auth === "bearer" ? null : auth.token);
    if (bearer !== null && bearer.kind !== "token") {
      return bearer.kind === "unavailable" ? { ...bearer, notSent: true } : bearer;
    }
    const request = {
      method: call.method,
      url: baseUrlOf(account.provider, account.connection, call.host) + call.path,
      headers: { ...call.headers, ...(bearer && { authorization: `Bearer ${bearer.token}` }) },
      body: call.body ?? null,
      timeoutMs,
      signal: options.signal,
      responseBytesMax: call.answerBytesMax ?? answerBytesMaxByDefault,
    };
    const result = await retry(() => egress.send(request), {
      ...retries,
      isTransient: result => options.retries !== false && isTransient(result),
      // `Send` never rejects: without the database there is no retry.
      mayRetry: () => options.mayRetry().catch(() => false),
      signal: options.signal,
    });
    return result === "aborted" ? { kind: "unavailable", reason: "the call took too long" } : responseOf(result);
  };
}

function isTransient(result: EgressResult): boolean {
  if (result.kind === "answer") return retriedStatuses.has(result.status);
  return result.kind === "network" && result.code !== "ABORTED" && result.code !== "EGRESS_CLOSED";
}

function responseOf(result: EgressResult): ProviderResponse | CallFailure {
  switch (result.kind) {
    case "answer": {
      if (result.truncated) return { kind: "unavailable", reason: "the answer is too long" };
      const { status, headers, body } = result;
      return { kind: "answer", status, headers, body };
    }
    case "timeout":
      return { kind: "unavailable", reason: `no answer in time (${result.phase})` };
    case "network":
      return { kind: "unavailable", reason: result.reason };
    case "refused":
      return { kind: "unavailable", reason: result.reason, notSent: true };
  }
}
