import type { Sample } from "../../../simulator/play/sample.ts";
import type { Post, RegistrationBody, Scenario } from "../../../simulator/play/scenario.ts";
import { ussdMenu } from "../../../simulator/play/ussd-menu.ts";
import type { ScriptOutcome } from "../../../simulator/script.ts";
import { type KyandaEntry, kyandaIpn } from "./server.ts";

const accepted = { status: 200, words: '"status":"success"' };
const transactionRef = ({ mark }: Sample) => `KYA${mark}`;

const registering =
  (kind: "mobile_payout" | "checkout") =>
  (made: Sample): RegistrationBody => ({
    kind,
    provider_refs: { transaction_ref: transactionRef(made) },
    amount: made.amount,
    phone: made.phone,
  });
const ipn = (made: Sample, outcome: ScriptOutcome, category: string): Post => {
  const entry: KyandaEntry = {
    outcome,
    steps: [],
    amount: made.amount,
    phone: made.phone,
    category,
    ...(outcome === "completed" && { receipt: made.mark }),
  };
  return { channel: "ipn", callback: kyandaIpn(transactionRef(made), entry, outcome) };
};

export const kyandaScenarios = {
  "payout-success": {
    by: "callback",
    channel: "ipn",
    means: "a payout to a phone arrives",
    register: registering("mobile_payout"),
    posts: made => [ipn(made, "completed", "MobilePayout")],
    answered: accepted,
    events: ["payout.completed"],
    booked: transactionRef,
  },
  "payout-failed": {
    by: "callback",
    channel: "ipn",
    means: "a payout to a phone is rejected (1107)",
    register: registering("mobile_payout"),
    posts: made => [ipn(made, "failed", "MobilePayout")],
    answered: accepted,
    events: ["payout.failed"],
  },
  "checkout-success": {
    by: "callback",
    channel: "ipn",
    means: "a checkout is paid",
    register: registering("checkout"),
    posts: made => [ipn(made, "completed", "MpesaPayment")],
    answered: accepted,
    events: ["payment.completed"],
    booked: transactionRef,
  },
  "ussd-completed": {
    by: "dialling",
    channel: "ussd",
    gateway: "kyanda",
    means: "somebody dials, chooses, and reads the answer",
    typed: ["1"],
    settings: ussdMenu,
    events: ["ussd.session_ended"],
  },
  "ussd-wrong-choice": {
    by: "dialling",
    channel: "ussd",
    gateway: "kyanda",
    means: "somebody types what is not offered: the menu is shown again",
    typed: ["9", "2"],
    settings: ussdMenu,
    events: ["ussd.session_ended"],
  },
} as const satisfies Record<string, Scenario>;
