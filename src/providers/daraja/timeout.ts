import { collectProblems } from "../kit/problems.ts";
import { textOf } from "../kit/text.ts";
import type { Channel, Reading } from "../provider.ts";
import { accepted } from "./replies.ts";
import { conversationIdentity, needConversation, resultEnvelope, resultKey } from "./result-envelope.ts";

/**
 * A request stood in Daraja's queue too long. Money may have moved all the same: it settles nothing, and asking is what
 * helps.
 */
export const timeout: Channel = { forms: false, key: resultKey, read: readTimeout, accepted, unreadable: null };

function readTimeout(body: Record<string, unknown>): Reading {
  const envelope = resultEnvelope(body);
  const problems = collectProblems();
  needConversation(envelope, problems);
  const { conversation, fields } = envelope;
  const unreadable = problems.found();
  if (unreadable) return unreadable;
  const details = { queue_timeout: textOf(fields("ResultDesc")) ?? "timed out in the provider's queue" };
  return {
    kind: "evidence",
    findings: [
      { kind: "b2c", says: "nothing", refs: conversation, identity: conversationIdentity(conversation), details },
    ],
  };
}
