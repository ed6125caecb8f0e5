import type { EgressResult } from "../../egress/exchange.ts";
import { retryAfterS } from "./retry-after.ts";

/** The outcome of one attempt at an endpoint, before the retry schedule is applied. */
export type HttpOutcome =
  | ({ kind: "delivered" } & HttpAnswer)
  | ({ kind: "failed"; retryAfterS: number | null } & HttpAnswer)
  /** 410: the endpoint is not called again. */
  | ({ kind: "gone" } & HttpAnswer)
  /** Nothing was sent, for a reason of this process. Does not count as an attempt. */
  | { kind: "unsent"; reason: string };

/** `status`: null where there was no answer. `error`: in words; null for a 2xx. `answer`: the first bytes, as text. */
type HttpAnswer = { status: number | null; error: string | null; answer: string | null; latencyMs: number };

/** The program is stopping, or too many requests wait for one server. */
const unsentCodes: ReadonlySet<string> = new Set(["ABORTED", "EGRESS_BUSY", "EGRESS_CLOSED"]);

/** The outcome that a result of sending means: a 2xx delivers, everything else does not. */
export function httpOutcomeOf(result: EgressResult, now: Date): HttpOutcome {
  const { latencyMs } = result;
  switch (result.kind) {
    case "answer": {
      const { status } = result;
      const answered = { status, answer: textOf(result.body), latencyMs };
      if (status >= 200 && status < 300) return { kind: "delivered", ...answered, error: null };
      if (status === 410) return { kind: "gone", ...answered, error: "the server answered 410: the endpoint is gone" };
      const retryAfter = status === 429 || status === 503 ? retryAfterS(result.headers["retry-after"], now) : null;
      return { kind: "failed", ...answered, error: statusError(status), retryAfterS: retryAfter };
    }
    case "refused":
      return failed(result.reason, null, latencyMs);
    case "timeout":
      if (result.phase === "queue") return { kind: "unsent", reason: "too many requests to this server are running" };
      return failed(timeoutErrors[result.phase], result.status, latencyMs);
    case "network":
      if (unsentCodes.has(result.code)) return { kind: "unsent", reason: result.reason };
      return failed(result.reason, null, latencyMs);
  }
}

const timeoutErrors = {
  connect: "the connection could not be made in time",
  headers: "there was no answer in time",
  body: "the answer did not end in time",
} as const;

function statusError(status: number): string {
  return status >= 300 && status < 400
    ? `the server answered ${status}: redirects are not followed`
    : `the server answered ${status}`;
}

function failed(error: string, status: number | null, latencyMs: number): HttpOutcome {
  return { kind: "failed", status, error, answer: null, latencyMs, retryAfterS: null };
}

/** The body as text that PostgreSQL accepts: a `text` column cannot hold NUL. */
function textOf(body: Buffer): string {
  return body.toString("utf8").replaceAll("\0", "\u{fffd}");
}
