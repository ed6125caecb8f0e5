import type { Validation } from "../../providers/decision.ts";
import { problemReply } from "../../providers/kit/reply.ts";
import type { Channel, FieldProblem, NonEmpty, ParsedBody } from "../../providers/provider.ts";
import type { AnswerContext } from "../answer-context.ts";
import { beforeDeadline } from "../before-deadline.ts";
import { type AnsweredDecision, type DecisionRequest, leftMs } from "../decision.ts";
import { findEarlierAnswer } from "../earlier-answer-store.ts";
import { type SentAnswer, sentAnswerOf } from "../sent-answer.ts";
import { decideValidation, fallbackDecision, type ValidationDecision } from "./decide-validation.ts";
import { effectiveSettings, fallbackVerdict, type ValidationChannel } from "./effective-settings.ts";

/** Answers a validation: a copy as before, any other by the connection's mode. */
export async function answerValidation(
  context: AnswerContext,
  channel: ValidationChannel,
  { unreadable }: Pick<Channel, "unreadable">,
  request: DecisionRequest,
  body: ParsedBody,
): Promise<AnsweredDecision> {
  if (body.kind === "unparsable") return refuse(channel, unreadable, request, [body.problem]);
  const reading = channel.read(body.value, request.connection);
  if (reading.kind === "unreadable") return refuse(channel, unreadable, request, reading.problems);

  const { connection, callback } = request;
  const { wrongReceiver } = callback;
  const name = `${connection.id}|${callback.channel}|${callback.key}|${callback.digest.toString("base64")}`;
  let problem: string | null = null;
  const { answer, isCopy } = await context.answers.answerOnce(name, async () => {
    const earlier = await earlierAnswer(context, channel, request);
    if (earlier) return earlier;
    const decision = await decideInTime(context, channel, request, reading.question, body.value);
    problem = decision.problem;
    return sentAnswerOf(channel.reply(decision.verdict), decision.by, request);
  });
  // Quarantine shows it to an operator, although it has an answer like any other: money may go where it should not.
  return { answer, quarantine: wrongReceiver && [wrongReceiver.problem], isCopy, problem };
}

/**
 * The answer that another process, or this one before a restart, sent to a copy. The mode `accept` needs no look-up.
 */
async function earlierAnswer(
  context: AnswerContext,
  channel: ValidationChannel,
  request: DecisionRequest,
): Promise<SentAnswer | null> {
  if (effectiveSettings(channel.type, request.connection).mode === "accept") return null;
  const ms = Math.min(context.deadlines[channel.type].earlierAnswerMs, leftMs(request));
  const found = await context.lookUps.run(ms, () => findEarlierAnswer(context.sql, request));
  return found.kind === "done" ? found.value : null;
}

async function decideInTime(
  context: AnswerContext,
  channel: ValidationChannel,
  request: DecisionRequest,
  validation: Validation,
  payload: Record<string, unknown>,
): Promise<ValidationDecision> {
  const deciding = decideValidation(context, channel, request, validation, payload);
  const outcome = await beforeDeadline(deciding, leftMs(request));
  if (outcome.kind === "done") return outcome.value;
  if (outcome.kind === "failed") context.log.error({ err: outcome.error }, "validation failed: the fallback decides");
  return fallbackDecision(channel.type, request, "there was no decision in time");
}

/**
 * A C2B validation that cannot be read gets the fallback, JSON or not; any other is refused with its field problems.
 */
function refuse(
  channel: ValidationChannel,
  unreadable: Channel["unreadable"],
  request: DecisionRequest,
  problems: NonEmpty<FieldProblem>,
): AnsweredDecision {
  const reply =
    channel.type === "c2b.validation"
      ? channel.reply(fallbackVerdict(channel.type, request.connection))
      : (unreadable?.(problems) ?? problemReply(problems));
  return { answer: sentAnswerOf(reply, "fallback", request), quarantine: problems, isCopy: false, problem: null };
}
