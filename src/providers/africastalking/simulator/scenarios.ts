import type { Sample } from "../../../simulator/play/sample.ts";
import type { RegistrationBody, Scenario, ScenarioCallback } from "../../../simulator/play/scenario.ts";
import { ussdMenu } from "../../../simulator/play/ussd-menu.ts";
import { formCallback } from "../../../simulator/post-callback.ts";
import type { ScriptOutcome } from "../../../simulator/script.ts";
import { type AfricasTalkingEntry, africasTalkingCallback } from "./server.ts";

const accepted = { status: 200, contains: "OK" };
const requestId = ({ mark }: Sample) => `ATQid_${mark}`;

const airtimeRequest = (sample: Sample): RegistrationBody => ({
  kind: "airtime",
  provider_refs: { request_id: requestId(sample) },
  reference: sample.mark,
  amount: sample.amount,
  currency: "KES",
  phone: sample.phone,
});
const airtime = (sample: Sample, outcome: ScriptOutcome): ScenarioCallback => {
  const entry: AfricasTalkingEntry = { outcome, steps: [], value: `KES ${sample.amount}00`, phone: `+${sample.phone}` };
  return { channel: "airtime/status", callback: africasTalkingCallback(requestId(sample), entry, outcome) };
};
const validation = ({ mark, amount }: Sample, phone: string): ScenarioCallback => ({
  channel: "airtime/validation",
  callback: formCallback({
    transactionId: `ATVal_${mark}`,
    phoneNumber: `+${phone}`,
    currencyCode: "KES",
    amount: `${amount}00`,
  }),
});
const text = ({ mark, phone }: Sample, status: string): ScenarioCallback => ({
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
    registration: airtimeRequest,
    callbacks: sample => [airtime(sample, "completed")],
    answer: accepted,
    events: ["airtime.completed"],
    polledBy: requestId,
  },
  "airtime-failed": {
    by: "callback",
    channel: "airtime/status",
    means: "airtime does not arrive",
    registration: airtimeRequest,
    callbacks: sample => [airtime(sample, "failed")],
    answer: accepted,
    events: ["airtime.failed"],
  },
  "airtime-validation-accepted": {
    by: "callback",
    channel: "airtime/validation",
    means: "may this airtime be sent? Yes: it is registered",
    registration: airtimeRequest,
    callbacks: sample => [validation(sample, sample.phone)],
    answer: { status: 200, contains: "Validated" },
    events: [],
  },
  "airtime-validation-refused": {
    by: "callback",
    channel: "airtime/validation",
    means: "may this airtime be sent? No: none is registered for that phone",
    callbacks: sample => [validation(sample, "254711330099")],
    answer: { status: 200, contains: "Failed" },
    events: [],
  },
  "sms-delivered": {
    by: "callback",
    channel: "sms/delivery",
    means: "a text is delivered",
    registration: message,
    callbacks: sample => [text(sample, "Success")],
    answer: accepted,
    events: ["message.completed"],
  },
  "sms-failed": {
    by: "callback",
    channel: "sms/delivery",
    means: "a text is rejected",
    registration: message,
    callbacks: sample => [text(sample, "Rejected")],
    answer: accepted,
    events: ["message.failed"],
  },
  "ussd-completed": {
    by: "ussd",
    channel: "ussd",
    means: "a subscriber dials, chooses, reads the answer, and the gateway reports the end",
    typed: ["1"],
    settings: ussdMenu,
    events: ["ussd.session_ended"],
  },
  "ussd-wrong-choice": {
    by: "ussd",
    channel: "ussd",
    means: "a subscriber types what is not offered: the menu is shown again",
    typed: ["9", "2"],
    settings: ussdMenu,
    events: ["ussd.session_ended"],
  },
  "ussd-hung-up": {
    by: "ussd",
    channel: "ussd/events",
    means: "a subscriber hangs up in the middle, and the gateway says so",
    typed: [],
    settings: ussdMenu,
    events: ["ussd.session_ended"],
  },
  "ussd-events-completed": {
    by: "ussd",
    channel: "ussd/events",
    means: "the gateway reports the end of a session that was answered to its end: one event",
    typed: ["2"],
    settings: ussdMenu,
    events: ["ussd.session_ended"],
  },
} as const satisfies Record<string, Scenario>;
