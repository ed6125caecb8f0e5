import type { Sample } from "../../../simulator/play/sample.ts";
import type { Post, RegistrationBody, Scenario } from "../../../simulator/play/scenario.ts";
import { jsonCallback } from "../../../simulator/post-callback.ts";
import type { ScriptOutcome } from "../../../simulator/script.ts";
import { type CodianEntry, codianCallback } from "./server.ts";

const accepted = { status: 200, words: '"success":true' };
const refused = { status: 400, words: '"success":false' };
const timestamp = ({ at }: Sample) => at.toISOString().slice(0, 19).replace("T", " ");

const checkoutId = ({ mark }: Sample) => `ws_CO_${mark}`;
const entryOf = ({ amount, phone, mark }: Sample): CodianEntry => ({
  outcome: "completed",
  steps: [],
  amount,
  phone,
  receipt: mark,
});

const push = (made: Sample): RegistrationBody => ({
  kind: "stk_push",
  provider_refs: { checkout_request_id: checkoutId(made) },
  amount: made.amount,
  phone: made.phone,
});
const airtimeRequest = ({ mark, amount, phone }: Sample): RegistrationBody => ({
  kind: "airtime",
  provider_refs: { request_id: `AIR-${mark}` },
  amount,
  phone,
});
const message =
  (kind: "sms" | "email") =>
  (made: Sample): RegistrationBody => ({
    kind,
    provider_refs: { message_id: made.mark },
  });

const paid = (made: Sample, outcome: ScriptOutcome, channel = "payments"): Post => ({
  channel,
  callback: codianCallback(checkoutId(made), entryOf(made), outcome),
});
const airtime = (made: Sample, status: string): Post => ({
  channel: "airtime",
  callback: jsonCallback({
    airtime_id: `AIR-${made.mark}`,
    phone_number: made.phone,
    amount: made.amount,
    status,
    timestamp: timestamp(made),
  }),
});
const sms = (made: Sample, status: string): Post => ({
  channel: "sms",
  callback: jsonCallback({ sms_id: made.mark, phone_number: `+${made.phone}`, status, timestamp: timestamp(made) }),
});
const email = (made: Sample, status: string): Post => ({
  channel: "email",
  callback: jsonCallback({ email_id: made.mark, recipient: "jane@example.com", status, timestamp: timestamp(made) }),
});
const chat = (made: Sample, event: string): Post => ({
  channel: "chat",
  callback: jsonCallback({
    event,
    chatbot_id: "bot-7",
    session_id: made.mark,
    user_data: { name: "Jane" },
    message: "Habari",
    bot_response: "Karibu",
    timestamp: made.at.toISOString(),
  }),
});

export const codianScenarios = {
  "payment-success": {
    by: "callback",
    channel: "payments",
    means: "a push is paid",
    register: push,
    posts: made => [paid(made, "completed")],
    answered: accepted,
    events: ["payment.completed"],
    booked: checkoutId,
  },
  "payment-failed": {
    by: "callback",
    channel: "payments",
    means: "the payer cancels the push",
    register: push,
    posts: made => [paid(made, "failed")],
    answered: accepted,
    events: ["payment.failed"],
  },
  "airtime-success": {
    by: "callback",
    channel: "airtime",
    means: "airtime arrives",
    register: airtimeRequest,
    posts: made => [airtime(made, "completed")],
    answered: accepted,
    events: ["airtime.completed"],
  },
  "airtime-failed": {
    by: "callback",
    channel: "airtime",
    means: "airtime does not arrive",
    register: airtimeRequest,
    posts: made => [airtime(made, "failed")],
    answered: accepted,
    events: ["airtime.failed"],
  },
  "sms-delivered": {
    by: "callback",
    channel: "sms",
    means: "a text is delivered",
    register: message("sms"),
    posts: made => [sms(made, "delivered")],
    answered: accepted,
    events: ["message.completed"],
  },
  "sms-failed": {
    by: "callback",
    channel: "sms",
    means: "a text is not delivered",
    register: message("sms"),
    posts: made => [sms(made, "failed")],
    answered: accepted,
    events: ["message.failed"],
  },
  "email-delivered": {
    by: "callback",
    channel: "email",
    means: "an e-mail is delivered",
    register: message("email"),
    posts: made => [email(made, "delivered")],
    answered: accepted,
    events: ["message.completed"],
  },
  "email-bounced": {
    by: "callback",
    channel: "email",
    means: "an e-mail bounces",
    register: message("email"),
    posts: made => [email(made, "bounced")],
    answered: accepted,
    events: ["message.failed"],
  },
  "chat-message": {
    by: "callback",
    channel: "chat",
    means: "somebody writes to the chat bot: an event straight away",
    posts: made => [chat(made, "message.received")],
    answered: accepted,
    events: ["chat.message_received"],
  },
  "chat-incomplete": {
    by: "callback",
    channel: "chat",
    means: "a chat event that does not say which: refused with its name, kept in quarantine",
    posts: ({ mark }) => [{ channel: "chat", callback: jsonCallback({ session_id: mark }) }],
    answered: refused,
    ends: "quarantined",
    events: [],
  },
  "events-payment": {
    by: "callback",
    channel: "events",
    means: "one URL for everything: a push is paid",
    register: push,
    posts: made => [paid(made, "completed", "events")],
    answered: accepted,
    events: ["payment.completed"],
    booked: checkoutId,
  },
  "events-unknown": {
    by: "callback",
    channel: "events",
    means: "one URL for everything, and nothing that is known: refused, kept in quarantine",
    posts: ({ mark }) => [{ channel: "events", callback: jsonCallback({ status: "delivered", note: mark }) }],
    answered: refused,
    ends: "quarantined",
    events: [],
  },
} as const satisfies Record<string, Scenario>;
