import type { DecisionChannel } from "../../providers/decision.ts";
import { problemReply } from "../../providers/kit/reply.ts";
import type { Channel, FieldProblem, NonEmpty, ParsedBody, Reply } from "../../providers/provider.ts";
import type { AnswerContext } from "../answer-context.ts";
import { beforeDeadline } from "../before-deadline.ts";
import { type AnsweredDecision, type DecisionRequest, leftMs } from "../decision.ts";
import { sentAnswerOf } from "../sent-answer.ts";
import { answerHop, type HopResult } from "./answer-hop.ts";
import { type Hop, hopOf } from "./hop.ts";
import { fallbackAnswer } from "./screen.ts";

type UssdChannel = Extract<DecisionChannel, { type: "ussd.input" }>;

/** Answers one hop of a USSD session: a copy as before, any other by menu or merchant. */
export async function answerUssd(
  context: AnswerContext,
  channel: UssdChannel,
  { unreadable }: Pick<Channel, "unreadable">,
  request: DecisionRequest,
  body: ParsedBody,
): Promise<AnsweredDecision> {
  const { connection } = request;
  if (body.kind === "unparsable") {
    return refuse(request, unreadable?.([body.problem]) ?? problemReply([body.problem]), [body.problem]);
  }
  const reading = channel.read(body.value, connection);
  if (reading.kind === "unreadable") {
    const end = () => channel.reply(fallbackAnswer(connection.settings.ussd, "").text);
    return refuse(request, unreadable?.(reading.problems) ?? end(), reading.problems);
  }

  const hop = hopOf(reading.question);
  let problem: string | null = null;
  const name = `${connection.id}|${hop.sessionId}|${hop.text}`;
  const { answer, isCopy } = await context.answers.answerOnce(name, async () => {
    const { needsWriting, ...hopAnswer } = await answerInTime(context, request, hop);
    problem = hopAnswer.warning;
    const by = hopAnswer.by === "menu" ? "rule" : hopAnswer.by;
    const sent = sentAnswerOf(channel.reply(hopAnswer.text), by, request);
    const { receivedAt } = request.callback;
    if (needsWriting) {
      context.hopWriter.append({ connection, hop, answer: hopAnswer, receivedAt, latencyMs: sent.latency_ms });
    }
    return sent;
  });
  return { answer, quarantine: null, isCopy, problem };
}

async function answerInTime(context: AnswerContext, request: DecisionRequest, hop: Hop): Promise<HopResult> {
  const outcome = await beforeDeadline(answerHop(context, request, hop), leftMs(request));
  if (outcome.kind === "done") return outcome.value;
  if (outcome.kind === "failed") context.log.error({ err: outcome.error }, "USSD hop failed: the fallback answers");
  return { ...fallbackAnswer(request.connection.settings.ussd, "there was no answer in time"), needsWriting: true };
}

function refuse(request: DecisionRequest, reply: Reply, problems: NonEmpty<FieldProblem>): AnsweredDecision {
  return { answer: sentAnswerOf(reply, "fallback", request), quarantine: problems, isCopy: false, problem: null };
}
