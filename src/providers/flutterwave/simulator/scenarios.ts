import type { Sample } from "../../../simulator/play/sample.ts";
import type { RegistrationBody, Scenario, ScenarioCallback } from "../../../simulator/play/scenario.ts";
import { jsonCallback } from "../../../simulator/post-callback.ts";
import { chargeOf, currency, numberOf, transferOf } from "./api.ts";

const answer = { status: 200, contains: '"accepted"' };

const registered = (kind: string, { mark, amount }: Sample, refs: Record<string, string> = {}): RegistrationBody => ({
  kind,
  provider_refs: { tx_ref: mark, ...refs },
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
    registration: sample => registered("checkout", sample),
    callbacks: sample => [event("charge.completed", chargeOf(sample, "completed"))],
    answer,
    events: ["payment.completed"],
    polledBy: ({ mark }) => mark,
  },
  "transfer-failed": {
    by: "callback",
    channel: "webhook",
    means: "a transfer to a wallet fails",
    registration: sample => registered("mobile_payout", sample, { flw_id: String(numberOf(sample)) }),
    callbacks: sample => [event("transfer.completed", transferOf(sample, "failed"))],
    answer,
    events: ["payout.failed"],
    polledBy: sample => String(numberOf(sample)),
    polled: "failed",
  },
} as const satisfies Record<string, Scenario>;
