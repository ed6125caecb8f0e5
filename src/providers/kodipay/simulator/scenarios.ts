import type { Sample } from "../../../simulator/play/sample.ts";
import type { Post, RegistrationBody, Scenario } from "../../../simulator/play/scenario.ts";
import type { ScriptOutcome } from "../../../simulator/script.ts";
import { type KodipayEntry, kodipayCallback } from "./server.ts";

const accepted = { status: 200, words: '"accepted"' };
const currency = "USD";
/** Twenty characters, as KODIPAY's are. */
const orderNumber = ({ mark }: Sample) => `20261120${mark}40`;

const order = (made: Sample): RegistrationBody => ({
  kind: "checkout",
  provider_refs: { order_number: orderNumber(made) },
  reference: made.mark,
  amount: made.amount,
  currency,
});
const news = (made: Sample, outcome: ScriptOutcome): Post => {
  const entry: KodipayEntry = { outcome, steps: [], amount: made.amount, currency, reference: made.mark };
  return { channel: "callbacks", callback: kodipayCallback(orderNumber(made), entry, outcome) };
};

export const kodipayScenarios = {
  "payment-success": {
    by: "callback",
    channel: "callbacks",
    means: "an order is paid",
    register: order,
    posts: made => [news(made, "completed")],
    answered: accepted,
    events: ["payment.completed"],
    booked: orderNumber,
  },
  "payment-failed": {
    by: "callback",
    channel: "callbacks",
    means: "an order is not paid",
    register: order,
    posts: made => [news(made, "failed")],
    answered: accepted,
    events: ["payment.failed"],
  },
} as const satisfies Record<string, Scenario>;
