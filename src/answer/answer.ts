import type { Connection } from "../connections/connection.ts";
import type { ParsedBody } from "../providers/provider.ts";
import { type AnswerContext, type AnswerDeps, createAnswerContext } from "./answer-context.ts";
import type { AnsweredDecision, DecisionCallback, DecisionRequest, SynchronousChannel } from "./decision.ts";
import { answerUssd } from "./ussd/answer-ussd.ts";
import { answerValidation } from "./validation/answer-validation.ts";

/** Decides synchronous callbacks, each by its deadline. */
export type AnswerRoom = {
  /**
   * Answers a verified callback of a synchronous channel. Always resolves, by the channel's deadline, which counts from
   * `startedMs` (`performance.now()` at the arrival). `deadlineMs` is the deadline on the same clock: the caller stores
   * callback and answer by then, and sends the answer.
   */
  answer(
    connection: Connection,
    channel: SynchronousChannel,
    callback: DecisionCallback,
    body: ParsedBody,
    startedMs: number,
  ): Promise<AnsweredDecision & Pick<DecisionRequest, "deadlineMs">>;
  /** How many URLs of merchants have an open breaker. */
  openBreakers(): number;
};

/** Validations and USSD. One for each process: it remembers the answers sent, and the merchants that fail. */
export function createAnswerRoom(deps: AnswerDeps): AnswerRoom {
  const context = createAnswerContext(deps);
  return {
    async answer(connection, channel, callback, body, startedMs) {
      const { decision } = channel;
      const deadlineMs = startedMs + context.deadlines[decision.type].totalMs;
      const request: DecisionRequest = { connection, callback, startedMs, deadlineMs };
      const answered =
        decision.type === "ussd.input"
          ? await answerUssd(context, decision, channel, request, body)
          : await answerValidation(context, decision, channel, request, body);
      publishAnswered(context, request, answered);
      return { ...answered, deadlineMs };
    },
    openBreakers: context.breaker.openCount,
  };
}

function publishAnswered(context: AnswerContext, request: DecisionRequest, answered: AnsweredDecision): void {
  const { connection, callback, startedMs } = request;
  const { answer, isCopy, problem } = answered;
  context.telemetry.publish("decision.answered", () => ({
    provider: connection.provider,
    channel: callback.channel,
    by: answer.by,
    connectionId: connection.id,
    callbackId: callback.id,
    ms: performance.now() - startedMs,
  }));
  publishWrongReceiver(context, request, answered);
  const line = {
    connection_id: connection.id,
    callback_id: callback.id,
    channel: callback.channel,
    by: answer.by,
    copy: isCopy,
    latency_ms: answer.latency_ms,
  };
  if (problem === null || isCopy) context.log.debug(line, "decision answered");
  else context.log.warn({ ...line, problem }, "decision answered with a problem");
}

function publishWrongReceiver(
  { telemetry }: AnswerContext,
  { connection, callback }: DecisionRequest,
  { quarantine, isCopy }: AnsweredDecision,
): void {
  const { id: callbackId, channel, wrongReceiver } = callback;
  if (isCopy || wrongReceiver === null || quarantine?.[0] !== wrongReceiver.problem) return;
  const { provider, id: connectionId } = connection;
  const { receiver } = wrongReceiver;
  telemetry.publish("callback.wrong_receiver", () => ({ provider, channel, connectionId, callbackId, receiver }));
}
