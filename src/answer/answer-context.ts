import type { FieldProblem, Reply } from "../providers/provider.ts";
import type { MerchantCall } from "./ask-merchant.ts";
import type { Deadlines } from "./deadlines.ts";
import type { AnswerDeps, DecisionRequest } from "./decision.ts";
import type { LookUp } from "./look-up.ts";
import type { AnsweredBy, createMemory, SentAnswer } from "./sent-answer.ts";

/** What the room works with: what it was given, and what it keeps for as long as the process lives. */
export type Room = Omit<AnswerDeps, "deadlines"> & {
  deadlines: Deadlines;
  lookUp: LookUp;
  ask: MerchantCall;
  remember: ReturnType<typeof createMemory<SentAnswer>>;
};

/** An answer and what is to be kept of it. `problem`, in words: why it is not what it should be. */
export type AnsweredDecision = {
  answer: SentAnswer;
  quarantine: FieldProblem[] | null;
  repeat: boolean;
  problem: string | null;
};

export function sentAnswerOf(reply: Reply, by: AnsweredBy, { startedMs }: DecisionRequest): SentAnswer {
  const { status, contentType, body } = reply;
  return { status, content_type: contentType, body, by, latency_ms: Math.round(performance.now() - startedMs) };
}
