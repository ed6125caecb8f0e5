import type { AnsweredDecision } from "../answer/decision.ts";
import type { WrongReceiver } from "../connections/receiver.ts";
import { unknownChannelProblem, withFirst, wrongChannelProblem } from "../providers/channels.ts";
import { problemReply } from "../providers/kit/reply.ts";
import type { FieldProblem, NonEmpty, ParsedBody, Reply, StoredCallback } from "../providers/provider.ts";
import type { Arrival } from "./arrival.ts";
import type { CallbackRecord } from "./store/callback-record.ts";
import type { CallbackTarget } from "./target.ts";

/** The reply to a callback, its outcome as a label of the metric, and the problems that put it into quarantine. */
export type BodyCheck = {
  outcome: "accepted" | "unparsable" | "unreadable" | "unknown_channel";
  reply: Reply;
  quarantine: NonEmpty<FieldProblem> | null;
};

/**
 * Decides whether a callback goes into quarantine at once. A body that is no object does, and everything on a channel
 * that does not exist. On a channel that replies with the problems (`Channel.unreadable`), so does a body with missing
 * or wrong fields; on any other channel such a body is accepted, and the settle worker puts it into quarantine.
 */
export function checkBody(target: CallbackTarget, body: ParsedBody, callback: StoredCallback): BodyCheck {
  const { channel, provider, connection, isKnown } = target;
  if (!isKnown) {
    const value = body.kind === "object" ? body.value : null;
    const quarantine: NonEmpty<FieldProblem> = [unknownChannelProblem(provider, value)];
    return { outcome: "unknown_channel", reply: channel.accepted(value ?? {}), quarantine };
  }
  if (body.kind === "unparsable") return { ...replyToUnparsable(target, body), quarantine: [body.problem] };
  if (channel.unreadable) {
    const reading = channel.read(body.value, callback, connection);
    if (reading.kind === "unreadable") {
      const wrong = wrongChannelProblem(provider, callback, body.value);
      const problems = withFirst(wrong, reading.problems);
      return { outcome: "unreadable", reply: channel.unreadable(problems), quarantine: problems };
    }
  }
  return { outcome: "accepted", reply: channel.accepted(body.value), quarantine: null };
}

/** An object that is too deep or too large to be parsed gets the reply to an object that cannot be read. */
function replyToUnparsable(
  { channel }: CallbackTarget,
  { problem, mayBeObject }: Extract<ParsedBody, { kind: "unparsable" }>,
): Pick<BodyCheck, "outcome" | "reply"> {
  if (channel.unreadable) return { outcome: "unparsable", reply: channel.unreadable([problem]) };
  if (mayBeObject) return { outcome: "unreadable", reply: channel.accepted({}) };
  return { outcome: "unparsable", reply: problemReply([problem]) };
}

/** Why a question goes into quarantine, as its row holds it: for its receiver, or as one that cannot be read. */
export function quarantineOf(
  { target: { provider }, callback }: Pick<Arrival, "target" | "callback">,
  body: ParsedBody,
  problems: AnsweredDecision["quarantine"],
  wrong: WrongReceiver | null,
): Pick<CallbackRecord, "quarantine" | "wrongReceiver"> {
  if (problems === null || body.kind === "unparsable") return { quarantine: problems };
  if (problems[0] === wrong?.problem) return { quarantine: problems, wrongReceiver: wrong.receiver };
  const wrongChannel = wrongChannelProblem(provider, callback, body.value);
  return { quarantine: withFirst(wrongChannel, problems) };
}
