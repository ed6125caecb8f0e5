import type { Connection } from "../connections/connection.ts";
import type { Channel, ParsedBody, QuestionChannel, Reply } from "../providers/provider.ts";
import { type AnswerDeps, type Asking, type AskingCallback, leftMs } from "./answer-deps.ts";
import { createMerchantCall } from "./ask-merchant.ts";
import { createBreaker } from "./breaker.ts";
import { deadlines as builtIn, inTime } from "./deadlines.ts";
import type { Answered, Room } from "./room.ts";
import { createMemory, type Given, replyOf } from "./sent-answer.ts";
import { answerUssd } from "./ussd/answer-ussd.ts";
import { answerValidation } from "./validation/answer-validation.ts";
import { createLookUp } from "./validation/look-up.ts";

/** A channel of a provider that asks. */
export type AskingChannel = Channel & { question: QuestionChannel };

export type Answer = {
  /**
   * Answers a verified callback of a channel that asks, once question and answer are on disk. Always resolves, and before the channel's
   * deadline, counted from `startedMs` (`performance.now()` when the request arrived): what could not be kept by then is kept after.
   */
  answer(
    connection: Connection,
    channel: AskingChannel,
    callback: AskingCallback,
    body: ParsedBody,
    startedMs?: number,
  ): Promise<Reply>;
  /** URLs of merchants that are left alone at the moment. */
  openBreakers(): number;
};

/** The synchronous lane: validation and USSD. One for a process: it remembers what it answered, and which merchants do not. */
export function createAnswer(deps: AnswerDeps): Answer {
  const breaker = createBreaker(() => deps.now().getTime());
  const room: Room = {
    ...deps,
    deadlines: deps.deadlines ?? builtIn,
    lookUp: createLookUp(),
    ask: createMerchantCall({ send: deps.send, breaker, now: deps.now }),
    remember: createMemory<Given>(),
  };

  return {
    async answer(connection, channel, callback, body, startedMs = performance.now()) {
      const { question } = channel;
      const { totalMs } = room.deadlines[question.type];
      const asking: Asking = { connection, callback, startedMs, deadlineMs: startedMs + totalMs };
      const answered =
        question.type === "ussd.input"
          ? await answerUssd(room, question, channel, asking, body)
          : await answerValidation(room, question, channel, asking, body);
      await inTime(keep(deps, asking, answered), leftMs(asking));
      return replyOf(answered.given);
    },
    openBreakers: breaker.open,
  };
}

function keep(deps: AnswerDeps, asking: Asking, answered: Answered): Promise<unknown> {
  const { connection, callback, startedMs } = asking;
  const { given, quarantine, repeat, problem } = answered;
  const kept = deps.keep({ connection, callback, answer: given, quarantine, repeat });
  deps.observe?.(connection.provider, callback.channel, given.by, (performance.now() - startedMs) / 1000, asking);
  const line = {
    connection_id: connection.id,
    callback_id: callback.id,
    channel: callback.channel,
    by: given.by,
    repeat,
    latency_ms: given.latency_ms,
  };
  if (problem !== null && !repeat)
    deps.log.warn({ ...line, problem }, "a question was answered, but not as it should be");
  else deps.log.debug(line, "a question was answered");
  return kept;
}
