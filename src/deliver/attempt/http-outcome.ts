import type { EgressResult } from "../../egress/exchange.ts";
import { retryAfterS } from "./retry-after.ts";

/** What an attempt came to, before the schedule has its say. */
export type HttpOutcome =
  | ({ kind: "delivered" } & HttpAnswer)
  | ({ kind: "failed"; retryAfterS: number | null } & HttpAnswer)
  /** 410: nobody is there any more, and nobody is to call again. */
  | ({ kind: "gone" } & HttpAnswer)
  /** Nothing was sent, for a reason of ours: not an attempt. */
  | { kind: "unsent"; why: string };

type HttpAnswer = { status: number | null; error: string | null; answer: string | null; latencyMs: number };

/** Reasons that are ours: the program stops, or too much waits for one server here. */
const unsentCodes: ReadonlySet<string> = new Set(["ABORTED", "EGRESS_BUSY", "EGRESS_CLOSED"]);

/** Reads what came of sending: 2xx delivers, anything else does not. */
export function judge(result: EgressResult, now: Date): HttpOutcome {
  const { latencyMs } = result;
  switch (result.kind) {
    case "answer": {
      const { status } = result;
      const told = { status, answer: textOf(result.body), latencyMs };
      if (status >= 200 && status < 300) return { kind: "delivered", ...told, error: null };
      if (status === 410) return { kind: "gone", ...told, error: "the server answered 410: the endpoint is gone" };
      const retryAfter = status === 429 || status === 503 ? retryAfterS(result.headers["retry-after"], now) : null;
      return { kind: "failed", ...told, error: errorOf(status), retryAfterS: retryAfter };
    }
    case "refused":
      return failed(result.reason, null, latencyMs);
    case "timeout":
      if (result.phase === "queue") return { kind: "unsent", why: "too many requests to this server are running" };
      return failed(timeoutErrors[result.phase], result.status, latencyMs);
    case "network":
      if (unsentCodes.has(result.code)) return { kind: "unsent", why: result.reason };
      return failed(result.reason, null, latencyMs);
  }
}

const timeoutErrors = {
  connect: "the connection could not be made in time",
  headers: "there was no answer in time",
  body: "the answer did not end in time",
} as const;

function errorOf(status: number): string {
  return status >= 300 && status < 400
    ? `the server answered ${status}: redirects are not followed`
    : `the server answered ${status}`;
}

function failed(error: string, status: number | null, latencyMs: number): HttpOutcome {
  return { kind: "failed", status, error, answer: null, latencyMs, retryAfterS: null };
}

/** As text that PostgreSQL takes: it knows no NUL. */
function textOf(body: Buffer): string {
  return body.toString("utf8").replaceAll("\0", "\u{fffd}");
}
