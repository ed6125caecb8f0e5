import type { Sample } from "../../../simulator/play/sample.ts";
import type { RegistrationBody, Scenario, ScenarioCallback } from "../../../simulator/play/scenario.ts";
import { jsonCallback } from "../../../simulator/post-callback.ts";
import { chargeOf, currency, numberOf } from "./api.ts";

const answer = { status: 200, contains: '"accepted"' };

const registered =
  (kind: string) =>
  ({ mark, amount }: Sample): RegistrationBody => ({
    kind,
    provider_refs: { tx_ref: mark },
    reference: mark,
    amount,
    currency,
  });
const event = (name: string, data: object): ScenarioCallback => ({
  channel: "webhook",
  callback: jsonCallback({ event: name, data }),
});

export const flutterwaveScenarios = {
  "charge-success": {
    by: "callback",
    channel: "webhook",
    means: "a charge is paid",
    registration: registered("checkout"),
    callbacks: sample => [event("charge.completed", chargeOf(sample, "completed"))],
    answer,
    events: ["payment.completed"],
    polledBy: ({ mark }) => mark,
  },
  "transfer-failed": {
    by: "callback",
    channel: "webhook",
    means: "a transfer to a wallet fails",
    registration: registered("mobile_payout"),
    callbacks: sample => [
      event("transfer.completed", {
        id: numberOf(sample),
        reference: sample.mark,
        bank_code: "MPS",
        amount: Number(sample.amount),
        currency,
        status: "FAILED",
        complete_message: "DISBURSE FAILED",
      }),
    ],
    answer,
    events: ["payout.failed"],
  },
} as const satisfies Record<string, Scenario>;
