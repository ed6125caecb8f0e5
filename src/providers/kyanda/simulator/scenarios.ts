import type { Sample } from "../../../simulator/play/sample.ts";
import type { RegistrationBody, Scenario, ScenarioCallback } from "../../../simulator/play/scenario.ts";
import { ussdMenu } from "../../../simulator/play/ussd-menu.ts";
import type { ScriptOutcome } from "../../../simulator/script.ts";
import { type KyandaEntry, kyandaIpn } from "./server.ts";

const accepted = { status: 200, contains: '"status":"success"' };
const transactionRef = ({ mark }: Sample) => `KYA${mark}`;

const registering =
  (kind: "mobile_payout" | "checkout") =>
  (sample: Sample): RegistrationBody => ({
    kind,
    provider_refs: { transaction_ref: transactionRef(sample) },
    amount: sample.amount,
    phone: sample.phone,
  });
const ipn = (sample: Sample, outcome: ScriptOutcome, category: string): ScenarioCallback => {
  const entry: KyandaEntry = {
    outcome,
    steps: [],
    amount: sample.amount,
    phone: sample.phone,
    category,
    ...(outcome === "completed" && { receipt: sample.mark }),
  };
  return { channel: "ipn", callback: kyandaIpn(transactionRef(sample), entry, outcome) };
};

export const kyandaScenarios = {
  "payout-success": {
    by: "callback",
    channel: "ipn",
    means: "a payout to a phone arrives",
    registration: registering("mobile_payout"),
    callbacks: sample => [ipn(sample, "completed", "MobilePayout")],
    answer: accepted,
    events: ["payout.completed"],
    polledBy: transactionRef,
  },
  "payout-failed": {
    by: "callback",
    channel: "ipn",
    means: "a payout to a phone is rejected (1107)",
    registration: registering("mobile_payout"),
    callbacks: sample => [ipn(sample, "failed", "MobilePayout")],
    answer: accepted,
    events: ["payout.failed"],
  },
  "checkout-success": {
    by: "callback",
    channel: "ipn",
    means: "a checkout is paid",
    registration: registering("checkout"),
    callbacks: sample => [ipn(sample, "completed", "MpesaPayment")],
    answer: accepted,
    events: ["payment.completed"],
    polledBy: transactionRef,
  },
  "ussd-completed": {
    by: "ussd",
    channel: "ussd",
    means: "a subscriber dials, chooses, and reads the answer",
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
} as const satisfies Record<string, Scenario>;
