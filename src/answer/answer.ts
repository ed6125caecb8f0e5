import type { Connection } from "../connections/connection.ts";
import type { Channel, DecisionChannel, ParsedBody, Reply } from "../providers/provider.ts";
import type { AnsweredDecision, Room } from "./answer-context.ts";
import { createMerchantCall } from "./ask-merchant.ts";
import { createBreaker } from "./breaker.ts";
import { beforeDeadline, deadlines as builtIn } from "./deadlines.ts";
import { type AnswerDeps, type DecisionCallback, type DecisionRequest, leftMs } from "./decision.ts";
import { createLookUp } from "./look-up.ts";
import { createMemory, replyOf, type SentAnswer } from "./sent-answer.ts";
import { answerUssd } from "./ussd/answer-ussd.ts";
import { answerValidation } from "./validation/answer-validation.ts";

/** A channel of a provider that asks. */
export type AnsweringChannel = Channel & { decision: DecisionChannel };

export type AnswerRoom = {
  /**
   * Answers a verified callback of a channel that asks, once question and answer are on disk. Always resolves, and before the channel's
   * deadline, counted from `startedMs` (`performance.now()` when the request arrived): what could not be kept by then is kept after.
   */
  answer(
    connection: Connection,
    channel: AnsweringChannel,
    callback: DecisionCallback,
    body: ParsedBody,
    startedMs?: number,
  ): Promise<Reply>;
  /** URLs of merchants that are left alone at the moment. */
  openBreakers(): number;
};

/** The synchronous lane: validation and USSD. One for a process: it remembers what it answered, and which merchants do not. */
export function createAnswer(deps: AnswerDeps): AnswerRoom {
  const breaker = createBreaker(() => deps.now().getTime());
  const room: Room = {
    ...deps,
    deadlines: deps.deadlines ?? builtIn,
    lookUp: createLookUp(),
    ask: createMerchantCall({ send: deps.send, breaker, now: deps.now }),
    remember: createMemory<SentAnswer>(),
  };

  return {
    async answer(connection, channel, callback, body, startedMs = performance.now()) {
      const { decision } = channel;
      const { totalMs } = room.deadlines[decision.type];
      const asking: DecisionRequest = { connection, callback, startedMs, deadlineMs: startedMs + totalMs };
      const answered =
        decision.type === "ussd.input"
          ? await answerUssd(room, decision, channel, asking, body)
          : await answerValidation(room, decision, channel, asking, body);
      await beforeDeadline(keep(deps, asking, answered), leftMs(asking));
      return replyOf(answered.answer);
    },
    openBreakers: breaker.open,
  };
}

function keep(deps: AnswerDeps, asking: DecisionRequest, answered: AnsweredDecision): Promise<unknown> {
  const { connection, callback, startedMs } = asking;
  const { answer, quarantine, repeat, problem } = answered;
  const kept = deps.keep({ connection, callback, answer: answer, quarantine, repeat });
  deps.telemetry.publish("decision.answered", () => ({
    provider: connection.provider,
    channel: callback.channel,
    by: answer.by,
    connectionId: connection.id,
    callbackId: callback.id,
    ms: performance.now() - startedMs,
  }));
  const line = {
    connection_id: connection.id,
    callback_id: callback.id,
    channel: callback.channel,
    by: answer.by,
    repeat,
    latency_ms: answer.latency_ms,
  };
  if (problem !== null && !repeat)
    deps.log.warn({ ...line, problem }, "a question was answered, but not as it should be");
  else deps.log.debug(line, "a question was answered");
  return kept;
}
