import type { Sample } from "../../../simulator/play/sample.ts";
import type { Post, RegistrationBody, Scenario } from "../../../simulator/play/scenario.ts";
import { ussdMenu } from "../../../simulator/play/ussd-menu.ts";
import { formCallback } from "../../../simulator/post-callback.ts";
import type { ScriptOutcome } from "../../../simulator/script.ts";
import { type AfricasTalkingEntry, africasTalkingCallback } from "./server.ts";

const accepted = { status: 200, words: "OK" };
const requestId = ({ mark }: Sample) => `ATQid_${mark}`;

const airtimeRequest = (made: Sample): RegistrationBody => ({
  kind: "airtime",
  provider_refs: { request_id: requestId(made) },
  reference: made.mark,
  amount: made.amount,
  currency: "KES",
  phone: made.phone,
});
const airtime = (made: Sample, outcome: ScriptOutcome): Post => {
  const entry: AfricasTalkingEntry = { outcome, steps: [], value: `KES ${made.amount}00`, phone: `+${made.phone}` };
  return { channel: "airtime/status", callback: africasTalkingCallback(requestId(made), entry, outcome) };
};
const validation = ({ mark, amount }: Sample, phone: string): Post => ({
  channel: "airtime/validation",
  callback: formCallback({
    transactionId: `ATVal_${mark}`,
    phoneNumber: `+${phone}`,
    currencyCode: "KES",
    amount: `${amount}00`,
  }),
});
const text = ({ mark, phone }: Sample, status: string): Post => ({
  channel: "sms/delivery",
  callback: formCallback({
    id: `ATXid_${mark}`,
    status,
    phoneNumber: `+${phone}`,
    networkCode: "63902",
    retryCount: "0",
  }),
});
const message = ({ mark, phone }: Sample): RegistrationBody => ({
  kind: "sms",
  provider_refs: { message_id: `ATXid_${mark}` },
  phone,
});

export const africasTalkingScenarios = {
  "airtime-success": {
    by: "callback",
    channel: "airtime/status",
    means: "airtime arrives",
    register: airtimeRequest,
    posts: made => [airtime(made, "completed")],
    answered: accepted,
    events: ["airtime.completed"],
    booked: requestId,
  },
  "airtime-failed": {
    by: "callback",
    channel: "airtime/status",
    means: "airtime does not arrive",
    register: airtimeRequest,
    posts: made => [airtime(made, "failed")],
    answered: accepted,
    events: ["airtime.failed"],
  },
  "airtime-validation-accepted": {
    by: "callback",
    channel: "airtime/validation",
    means: "may this airtime be sent? Yes: it is registered",
    register: airtimeRequest,
    posts: made => [validation(made, made.phone)],
    answered: { status: 200, words: "Validated" },
    events: [],
  },
  "airtime-validation-refused": {
    by: "callback",
    channel: "airtime/validation",
    means: "may this airtime be sent? No: nobody registered any for that phone",
    posts: made => [validation(made, "254711330099")],
    answered: { status: 200, words: "Failed" },
    events: [],
  },
  "sms-delivered": {
    by: "callback",
    channel: "sms/delivery",
    means: "a text is delivered",
    register: message,
    posts: made => [text(made, "Success")],
    answered: accepted,
    events: ["message.completed"],
  },
  "sms-failed": {
    by: "callback",
    channel: "sms/delivery",
    means: "a text is rejected",
    register: message,
    posts: made => [text(made, "Rejected")],
    answered: accepted,
    events: ["message.failed"],
  },
  "ussd-completed": {
    by: "dialling",
    channel: "ussd",
    gateway: "africastalking",
    means: "somebody dials, chooses, reads the answer, and the gateway tells the end",
    typed: ["1"],
    settings: ussdMenu,
    events: ["ussd.session_ended"],
  },
  "ussd-wrong-choice": {
    by: "dialling",
    channel: "ussd",
    gateway: "africastalking",
    means: "somebody types what is not offered: the menu is shown again",
    typed: ["9", "2"],
    settings: ussdMenu,
    events: ["ussd.session_ended"],
  },
  "ussd-hung-up": {
    by: "dialling",
    channel: "ussd/events",
    gateway: "africastalking",
    means: "somebody hangs up in the middle, and the gateway says so",
    typed: [],
    settings: ussdMenu,
    events: ["ussd.session_ended"],
  },
  "ussd-events-completed": {
    by: "dialling",
    channel: "ussd/events",
    gateway: "africastalking",
    means: "the gateway tells the end of a session that was answered to its end: one event",
    typed: ["2"],
    settings: ussdMenu,
    events: ["ussd.session_ended"],
  },
} as const satisfies Record<string, Scenario>;
