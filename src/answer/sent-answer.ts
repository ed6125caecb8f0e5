import type { Reply } from "../providers/provider.ts";
import type { DecisionRequest } from "./decision.ts";

/** Who decided: a rule of the connection (its USSD menu included), the merchant, or the fallback. */
export type AnsweredBy = "rule" | "merchant" | "fallback";

/** An answer to a provider, as the column `callbacks.answer` holds it. */
export type SentAnswer = { status: number; content_type: string; body: string; by: AnsweredBy; latency_ms: number };

/** The answer that `reply` is. Its latency, in ms, counts from the arrival of the callback. */
export function sentAnswerOf(reply: Reply, by: AnsweredBy, { startedMs }: DecisionRequest): SentAnswer {
  const { status, contentType, body } = reply;
  return { status, content_type: contentType, body, by, latency_ms: Math.round(performance.now() - startedMs) };
}

/** The reply to send for an answer, also for that of an earlier copy. */
export function replyOf({ status, content_type, body }: SentAnswer): Reply {
  return { status, contentType: content_type, body };
}
