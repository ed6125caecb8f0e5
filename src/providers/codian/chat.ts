import { canonicalJson } from "../../domain/json.ts";
import { fieldsOf } from "../kit/fields.ts";
import { digestOf, keyOf } from "../kit/key.ts";
import { payloadProblem } from "../kit/payload.ts";
import { collectProblems, unreadable } from "../kit/problems.ts";
import { textOf } from "../kit/text.ts";
import type { Channel, Reading } from "../provider.ts";
import { accepted, refused } from "./replies.ts";
import { shapeOf } from "./shape.ts";

/** Graygle's events and the type of the event that a merchant receives. */
const chatEvents = {
  "message.received": "chat.message_received",
  "message.delivered": "chat.message_delivered",
  "conversation.started": "chat.conversation_started",
  "conversation.ended": "chat.conversation_ended",
  "feedback.received": "chat.feedback_received",
} as const satisfies Record<string, string>;

export const messageTypes = Object.values(chatEvents);

/** A chat bot's conversation: nothing to settle, passed on as it was sent. */
export const chat: Channel = {
  forms: false,
  key: chatKey,
  read: readChat,
  recognizes: body => shapeOf(body) === "chat",
  accepted,
  unreadable: refused,
};

/**
 * No event has an id, so its documented content and its time name it; `user_data` says who is talking, not what is new.
 */
const named = ["chatbot_id", "session_id", "message", "bot_response", "feedback", "timestamp", "created_at"];

function chatKey(body: Record<string, unknown>): string | null {
  const fields = fieldsOf(body);
  const content = canonicalJson(named.map(name => fields(name)));
  return content === null ? null : keyOf(textOf(fields("event")), digestOf(content));
}

function readChat(body: Record<string, unknown>): Reading {
  const problems = collectProblems();
  const event = problems.text("event", fieldsOf(body)("event"));
  if (event !== "" && !isChatEvent(event)) problems.add("event", `not one of ${Object.keys(chatEvents).join(", ")}`);
  const harm = payloadProblem(body);
  if (harm) problems.add(harm.path, harm.message);
  const found = problems.found();
  if (found) return found;
  if (!isChatEvent(event)) return unreadable("event", "required");
  return { kind: "message", messages: [{ type: chatEvents[event], payload: body }] };
}

function isChatEvent(event: string): event is keyof typeof chatEvents {
  return Object.hasOwn(chatEvents, event);
}
