import { problemReply } from "../../providers/kit/reply.ts";
import type {
  Channel,
  DecisionChannel,
  FieldProblem,
  NonEmpty,
  ParsedBody,
  Validation,
} from "../../providers/provider.ts";
import { type AnsweredDecision, type Room, sentAnswerOf } from "../answer-context.ts";
import { beforeDeadline } from "../deadlines.ts";
import { type DecisionRequest, leftMs } from "../decision.ts";
import { type SentAnswer, sentBefore } from "../sent-answer.ts";
import { type Decided, fallbackOf, validate, validationSettingsOf } from "./validate.ts";

export type ValidationChannel = Extract<DecisionChannel, { type: "c2b.validation" | "airtime.validation" }>;

/** Answers a validation: as before, where it is a copy; else as the connection decides. */
export async function answerValidation(
  room: Room,
  channel: ValidationChannel,
  { unreadable }: Pick<Channel, "unreadable">,
  asking: DecisionRequest,
  body: ParsedBody,
): Promise<AnsweredDecision> {
  if (body.kind === "unparsable") return refuse(channel, unreadable, asking, [body.problem]);
  const asked = channel.ask(body.value);
  if (asked.kind === "unreadable") return refuse(channel, unreadable, asking, asked.problems);

  const { connection, callback } = asking;
  const name = `${connection.id}|${callback.channel}|${callback.key}|${callback.digest.toString("base64")}`;
  let problem: string | null = null;
  const { answer, repeat } = await room.remember(name, async () => {
    const earlier = await before(room, channel, asking);
    if (earlier) return earlier;
    const decided = await decide(room, channel, asking, asked.question, body.value);
    problem = decided.problem;
    return sentAnswerOf(channel.answer(decided.verdict), decided.by, asking);
  });
  return { answer: answer, quarantine: null, repeat, problem };
}

/** The answer a copy was given before this process began, or by another. A rule that never asks anybody needs none. */
async function before(room: Room, channel: ValidationChannel, asking: DecisionRequest): Promise<SentAnswer | null> {
  const { mode } = validationSettingsOf(channel.type, asking);
  if (mode === "accept") return null;
  const { earlierMs } = room.deadlines[channel.type];
  const { connection, callback } = asking;
  const copy = { ...callback, shard: connection.shard, connectionId: connection.id };
  const found = await room.lookUp(Math.min(earlierMs, leftMs(asking)), () => sentBefore(room.sql, copy));
  return found.kind === "done" ? found.value : null;
}

async function decide(
  room: Room,
  channel: ValidationChannel,
  asking: DecisionRequest,
  question: Validation,
  payload: Record<string, unknown>,
): Promise<Decided> {
  const deadline = room.deadlines[channel.type];
  const outcome = await beforeDeadline(
    validate(room, channel.type, asking, question, payload, deadline),
    leftMs(asking),
  );
  if (outcome.kind === "done") return outcome.value;
  if (outcome.kind === "failed") room.log.error({ err: outcome.error }, "deciding about a validation failed");
  return { verdict: fallbackOf(channel.type, asking), by: "fallback", problem: "there was no decision in time" };
}

/** A C2B validation that cannot be read gets its fallback, JSON or not; elsewhere it is refused, naming the fields. */
function refuse(
  channel: ValidationChannel,
  unreadable: Channel["unreadable"],
  asking: DecisionRequest,
  problems: NonEmpty<FieldProblem>,
): AnsweredDecision {
  const reply =
    channel.type === "c2b.validation"
      ? channel.answer(fallbackOf(channel.type, asking))
      : (unreadable?.(problems) ?? problemReply(problems));
  return { answer: sentAnswerOf(reply, "fallback", asking), quarantine: problems, repeat: false, problem: null };
}
