import type { Sample } from "../../../simulator/play/sample.ts";
import type { RegistrationBody, Scenario, ScenarioCallback } from "../../../simulator/play/scenario.ts";
import { jsonCallback } from "../../../simulator/post-callback.ts";
import type { ScriptOutcome } from "../../../simulator/script.ts";
import { pushOf, resourceOf } from "./api.ts";

const answer = { status: 200, contains: '"accepted"' };
const pushId = ({ mark }: Sample) => `a652f86f-f2aa-4d70-baa2-${mark}`;

const push = (sample: Sample): RegistrationBody => ({
  kind: "stk_push",
  provider_refs: { k2_id: pushId(sample) },
  reference: sample.mark,
  amount: sample.amount,
  currency: "KES",
});
const result = (sample: Sample, outcome: ScriptOutcome): ScenarioCallback => ({
  channel: "result",
  callback: jsonCallback(pushOf(pushId(sample), sample, outcome)),
});
const webhook = (sample: Sample, topic: string, status: string): ScenarioCallback => ({
  channel: "webhook",
  callback: jsonCallback({ topic, event: { type: "Buygoods Transaction", resource: resourceOf(sample, status) } }),
});

export const kopokopoScenarios = {
  "till-payment": {
    by: "callback",
    channel: "webhook",
    means: "a payment to a till, without a registration",
    callbacks: sample => [webhook(sample, "buygoods_transaction_received", "Received")],
    answer,
    events: ["payment.completed"],
  },
  "till-reversal": {
    by: "callback",
    channel: "webhook",
    means: "a payment to a till, and its reversal",
    callbacks: sample => [
      webhook(sample, "buygoods_transaction_received", "Received"),
      webhook(sample, "buygoods_transaction_reversed", "Reversed"),
    ],
    answer,
    events: ["payment.completed", "payment.refunded"],
    // A payment that begins as given back was never told as paid.
    eventsBackwards: ["payment.refunded"],
  },
  "stk-success": {
    by: "callback",
    channel: "result",
    means: "a push is paid",
    registration: push,
    callbacks: sample => [result(sample, "completed")],
    answer,
    events: ["payment.completed"],
    polledBy: pushId,
  },
  "stk-failed": {
    by: "callback",
    channel: "result",
    means: "a push is cancelled",
    registration: push,
    callbacks: sample => [result(sample, "failed")],
    answer,
    events: ["payment.failed"],
    polledBy: pushId,
    polled: "failed",
  },
} as const satisfies Record<string, Scenario>;
