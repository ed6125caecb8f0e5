import type { Sample } from "../../../simulator/play/sample.ts";
import type { RegistrationBody, Scenario, ScenarioCallback } from "../../../simulator/play/scenario.ts";
import { jsonCallback } from "../../../simulator/post-callback.ts";
import { chargeOf, currency, minorOf } from "./api.ts";

const answer = { status: 200, contains: '"accepted"' };

const registered =
  (kind: string) =>
  ({ mark, amount }: Sample): RegistrationBody => ({
    kind,
    provider_refs: { transaction_reference: mark },
    reference: mark,
    amount,
    currency,
  });
const event = (name: string, data: object): ScenarioCallback => ({
  channel: "webhook",
  callback: jsonCallback({ event: name, data }),
});
const transfer = ({ mark, amount }: Sample, status: string) => ({
  id: 20615868,
  reference: mark,
  amount: minorOf(amount),
  currency,
  status,
  transfer_code: "TRF_js075pj9u07f34l",
  recipient: { type: "mobile_money", details: { bank_code: "MPESA" } },
});

export const paystackScenarios = {
  "charge-success": {
    by: "callback",
    channel: "webhook",
    means: "a charge is paid",
    registration: registered("checkout"),
    callbacks: sample => [event("charge.success", chargeOf(sample.mark, sample, "completed"))],
    answer,
    events: ["payment.completed"],
    polledBy: ({ mark }) => mark,
  },
  "transfer-failed": {
    by: "callback",
    channel: "webhook",
    means: "a transfer to a wallet fails",
    registration: registered("mobile_payout"),
    callbacks: sample => [event("transfer.failed", transfer(sample, "failed"))],
    answer,
    events: ["payout.failed"],
    polledBy: ({ mark }) => mark,
    polled: "failed",
  },
  "refund-part": {
    by: "callback",
    channel: "webhook",
    means: "a charge is paid, and a part of it given back",
    registration: registered("checkout"),
    callbacks: sample => [
      event("charge.success", chargeOf(sample.mark, sample, "completed")),
      event("refund.processed", {
        id: 7741,
        status: "processed",
        transaction_reference: sample.mark,
        amount: "1000",
        currency,
      }),
    ],
    answer,
    events: ["payment.completed", "payment.partially_refunded"],
  },
} as const satisfies Record<string, Scenario>;
