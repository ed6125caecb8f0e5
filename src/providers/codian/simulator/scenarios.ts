import type { Sample } from "../../../simulator/play/sample.ts";
import type { RegistrationBody, Scenario, ScenarioCallback } from "../../../simulator/play/scenario.ts";
import { jsonCallback } from "../../../simulator/post-callback.ts";
import type { ScriptOutcome } from "../../../simulator/script.ts";
import { type CodianEntry, codianCallback } from "./server.ts";

const accepted = { status: 200, contains: '"success":true' };
const refused = { status: 400, contains: '"success":false' };
const timestamp = ({ at }: Sample) => at.toISOString().slice(0, 19).replace("T", " ");

const checkoutId = ({ mark }: Sample) => `ws_CO_${mark}`;
const entryOf = ({ amount, phone, mark }: Sample): CodianEntry => ({
  outcome: "completed",
  steps: [],
  amount,
  phone,
  receipt: mark,
});

const push = (sample: Sample): RegistrationBody => ({
  kind: "stk_push",
  provider_refs: { checkout_request_id: checkoutId(sample) },
  amount: sample.amount,
  phone: sample.phone,
});
const airtimeRequest = ({ mark, amount, phone }: Sample): RegistrationBody => ({
  kind: "airtime",
  provider_refs: { request_id: `AIR-${mark}` },
  amount,
  phone,
});
const message =
  (kind: "sms" | "email") =>
  (sample: Sample): RegistrationBody => ({
    kind,
    provider_refs: { message_id: sample.mark },
  });

const paid = (sample: Sample, outcome: ScriptOutcome, channel = "payments"): ScenarioCallback => ({
  channel,
  callback: codianCallback(checkoutId(sample), entryOf(sample), outcome),
});
const airtime = (sample: Sample, status: string): ScenarioCallback => ({
  channel: "airtime",
  callback: jsonCallback({
    airtime_id: `AIR-${sample.mark}`,
    phone_number: sample.phone,
    amount: sample.amount,
    status,
    timestamp: timestamp(sample),
  }),
});
const sms = (sample: Sample, status: string): ScenarioCallback => ({
  channel: "sms",
  callback: jsonCallback({
    sms_id: sample.mark,
    phone_number: `+${sample.phone}`,
    status,
    timestamp: timestamp(sample),
  }),
});
const email = (sample: Sample, status: string): ScenarioCallback => ({
  channel: "email",
  callback: jsonCallback({
    email_id: sample.mark,
    recipient: "jane@example.com",
    status,
    timestamp: timestamp(sample),
  }),
});
const chat = (sample: Sample, event: string): ScenarioCallback => ({
  channel: "chat",
  callback: jsonCallback({
    event,
    chatbot_id: "bot-7",
    session_id: sample.mark,
    user_data: { name: "Jane" },
    message: "Habari",
    bot_response: "Karibu",
    timestamp: sample.at.toISOString(),
  }),
});

export const codianScenarios = {
  "payment-success": {
    by: "callback",
    channel: "payments",
    means: "a push is paid",
    registration: push,
    callbacks: sample => [paid(sample, "completed")],
    answer: accepted,
    events: ["payment.completed"],
    polledBy: checkoutId,
  },
  "payment-failed": {
    by: "callback",
    channel: "payments",
    means: "the payer cancels the push",
    registration: push,
    callbacks: sample => [paid(sample, "failed")],
    answer: accepted,
    events: ["payment.failed"],
  },
  "airtime-success": {
    by: "callback",
    channel: "airtime",
    means: "airtime arrives",
    registration: airtimeRequest,
    callbacks: sample => [airtime(sample, "completed")],
    answer: accepted,
    events: ["airtime.completed"],
  },
  "airtime-failed": {
    by: "callback",
    channel: "airtime",
    means: "airtime does not arrive",
    registration: airtimeRequest,
    callbacks: sample => [airtime(sample, "failed")],
    answer: accepted,
    events: ["airtime.failed"],
  },
  "sms-delivered": {
    by: "callback",
    channel: "sms",
    means: "a text is delivered",
    registration: message("sms"),
    callbacks: sample => [sms(sample, "delivered")],
    answer: accepted,
    events: ["message.completed"],
  },
  "sms-failed": {
    by: "callback",
    channel: "sms",
    means: "a text is not delivered",
    registration: message("sms"),
    callbacks: sample => [sms(sample, "failed")],
    answer: accepted,
    events: ["message.failed"],
  },
  "email-delivered": {
    by: "callback",
    channel: "email",
    means: "an e-mail is delivered",
    registration: message("email"),
    callbacks: sample => [email(sample, "delivered")],
    answer: accepted,
    events: ["message.completed"],
  },
  "email-bounced": {
    by: "callback",
    channel: "email",
    means: "an e-mail bounces",
    registration: message("email"),
    callbacks: sample => [email(sample, "bounced")],
    answer: accepted,
    events: ["message.failed"],
  },
  "chat-message": {
    by: "callback",
    channel: "chat",
    means: "a person writes to the chat bot: an event at once",
    callbacks: sample => [chat(sample, "message.received")],
    answer: accepted,
    events: ["chat.message_received"],
  },
  "chat-incomplete": {
    by: "callback",
    channel: "chat",
    means: "a chat event that does not say which: refused with its name, kept in quarantine",
    callbacks: ({ mark }) => [{ channel: "chat", callback: jsonCallback({ session_id: mark }) }],
    answer: refused,
    ends: "quarantined",
    events: [],
  },
  "events-payment": {
    by: "callback",
    channel: "events",
    means: "one URL for everything: a push is paid",
    registration: push,
    callbacks: sample => [paid(sample, "completed", "events")],
    answer: accepted,
    events: ["payment.completed"],
    polledBy: checkoutId,
  },
  "events-unknown": {
    by: "callback",
    channel: "events",
    means: "one URL for everything, and nothing that is known: refused, kept in quarantine",
    callbacks: ({ mark }) => [{ channel: "events", callback: jsonCallback({ status: "delivered", note: mark }) }],
    answer: refused,
    ends: "quarantined",
    events: [],
  },
} as const satisfies Record<string, Scenario>;
