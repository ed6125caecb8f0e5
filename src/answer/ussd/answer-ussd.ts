import { problemReply } from "../../providers/kit/reply.ts";
import type { Channel, DecisionChannel, ParsedBody, Reply } from "../../providers/provider.ts";
import { type AnsweredDecision, type Room, sentAnswerOf } from "../answer-context.ts";
import { beforeDeadline } from "../deadlines.ts";
import { type DecisionRequest, leftMs } from "../decision.ts";
import { converse, fallback, type UssdScreen } from "./answer-hop.ts";
import { type Hop, hopOf } from "./hop.ts";

export type UssdChannel = Extract<DecisionChannel, { type: "ussd.input" }>;

/** Answers one screen of a USSD session: as before, where it is a copy; else by menu or merchant. */
export async function answerUssd(
  room: Room,
  channel: UssdChannel,
  { unreadable }: Pick<Channel, "unreadable">,
  asking: DecisionRequest,
  body: ParsedBody,
): Promise<AnsweredDecision> {
  if (body.kind === "unparsable") {
    return refused(asking, unreadable?.([body.problem]) ?? problemReply([body.problem]), [body.problem]);
  }
  const asked = channel.ask(body.value);
  if (asked.kind === "unreadable") {
    const end = () => channel.answer(fallback(asking.connection.settings.ussd, "").text);
    return refused(asking, unreadable?.(asked.problems) ?? end(), asked.problems);
  }

  const hop = hopOf(asked.question);
  let problem: string | null = null;
  const name = `${asking.connection.id}|${hop.sessionId}|${hop.text}`;
  const { answer, repeat } = await room.remember(name, async () => {
    const told = await tell(room, asking, hop);
    problem = told.warning;
    const given = sentAnswerOf(channel.answer(told.text), told.by === "menu" ? "rule" : told.by, asking);
    if (!told.isOld) keepHop(room, asking, hop, told, given.latency_ms);
    return given;
  });
  return { answer: answer, quarantine: null, repeat, problem };
}

async function tell(room: Room, asking: DecisionRequest, hop: Hop): Promise<UssdScreen> {
  const outcome = await beforeDeadline(converse(room, asking, hop, room.deadlines["ussd.input"]), leftMs(asking));
  if (outcome.kind === "done") return outcome.value;
  if (outcome.kind === "failed") room.log.error({ err: outcome.error }, "answering a USSD screen failed");
  return fallback(asking.connection.settings.ussd, "there was no answer in time");
}

function keepHop(
  room: Room,
  { connection, callback }: DecisionRequest,
  hop: Hop,
  told: UssdScreen,
  latencyMs: number,
): void {
  const { text: answer, by: answeredBy, warning } = told;
  room.keepHop({ connection, hop, at: callback.receivedAt, answer, answeredBy, latencyMs, warning });
}

function refused(
  asking: DecisionRequest,
  reply: Reply,
  problems: NonNullable<AnsweredDecision["quarantine"]>,
): AnsweredDecision {
  return { answer: sentAnswerOf(reply, "fallback", asking), quarantine: problems, repeat: false, problem: null };
}
