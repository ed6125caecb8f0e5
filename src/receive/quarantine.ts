import type { ProviderConnection } from "../providers/call.ts";
import { problemReply } from "../providers/kit/reply.ts";
import type { Channel, FieldProblem, NonEmpty, ParsedBody, Reply, StoredCallback } from "../providers/provider.ts";

/** The reply to a callback, its outcome as a label of the metric, and the problems that put it into quarantine. */
export type BodyCheck = {
  outcome: "accepted" | "unparsable" | "unreadable";
  reply: Reply;
  quarantine: NonEmpty<FieldProblem> | null;
};

/**
 * Decides whether a callback goes into quarantine at once. A body that is no object does. On a channel that replies
 * with the problems (`Channel.unreadable`), so does a body with missing or wrong fields; on any other channel such a
 * body is accepted, and the settle worker puts it into quarantine.
 */
export function checkBody(
  channel: Channel,
  body: ParsedBody,
  callback: StoredCallback,
  connection: ProviderConnection,
): BodyCheck {
  if (body.kind === "unparsable") {
    const quarantine: NonEmpty<FieldProblem> = [body.problem];
    return { outcome: "unparsable", reply: channel.unreadable?.(quarantine) ?? problemReply(quarantine), quarantine };
  }
  if (channel.unreadable) {
    const reading = channel.read(body.value, callback, connection);
    if (reading.kind === "unreadable") {
      return { outcome: "unreadable", reply: channel.unreadable(reading.problems), quarantine: reading.problems };
    }
  }
  return { outcome: "accepted", reply: channel.accepted(body.value), quarantine: null };
}
