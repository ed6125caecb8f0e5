import type { Sample } from "../../../simulator/play/sample.ts";
import type { RegistrationBody, Scenario, ScenarioCallback } from "../../../simulator/play/scenario.ts";
import type { ScriptOutcome } from "../../../simulator/script.ts";
import { type KodipayEntry, kodipayCallback } from "./server.ts";

const accepted = { status: 200, contains: '"accepted"' };
const currency = "USD";
/** Twenty characters, as KODIPAY's are. */
const orderNumber = ({ mark }: Sample) => `20261120${mark}40`;

const order = (sample: Sample): RegistrationBody => ({
  kind: "checkout",
  provider_refs: { order_number: orderNumber(sample) },
  reference: sample.mark,
  amount: sample.amount,
  currency,
});
const news = (sample: Sample, outcome: ScriptOutcome): ScenarioCallback => {
  const entry: KodipayEntry = { outcome, steps: [], amount: sample.amount, currency, reference: sample.mark };
  return { channel: "callbacks", callback: kodipayCallback(orderNumber(sample), entry, outcome) };
};

export const kodipayScenarios = {
  "payment-success": {
    by: "callback",
    channel: "callbacks",
    means: "an order is paid",
    registration: order,
    callbacks: sample => [news(sample, "completed")],
    answer: accepted,
    events: ["payment.completed"],
    polledBy: orderNumber,
  },
  "payment-failed": {
    by: "callback",
    channel: "callbacks",
    means: "an order is not paid",
    registration: order,
    callbacks: sample => [news(sample, "failed")],
    answer: accepted,
    events: ["payment.failed"],
  },
} as const satisfies Record<string, Scenario>;
