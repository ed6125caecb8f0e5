import type { Sample } from "../../../simulator/play/sample.ts";
import type { CallbackScenario, Scenario } from "../../../simulator/play/scenario.ts";
import { jsonCallback } from "../../../simulator/post-callback.ts";
import type { ScriptOutcome } from "../../../simulator/script.ts";

const trackingId = ({ mark }: Sample) => `b945e4af-80a5-4ec1-8706-${mark}`;

const scenario = (confirmed: Extract<ScriptOutcome, "completed" | "failed">, means: string): CallbackScenario => ({
  by: "callback",
  channel: "ipn",
  means,
  registration: sample => ({
    kind: "checkout",
    provider_refs: { order_tracking_id: trackingId(sample) },
    reference: sample.mark,
    amount: sample.amount,
    currency: "KES",
  }),
  callbacks: sample => [
    {
      channel: "ipn",
      callback: jsonCallback({
        OrderTrackingId: trackingId(sample),
        OrderNotificationType: "IPNCHANGE",
        OrderMerchantReference: sample.mark,
      }),
    },
  ],
  answer: { status: 200, contains: '"status":200' },
  events: [`payment.${confirmed}`],
  polledBy: trackingId,
  confirmed,
});

export const pesapalScenarios = {
  "order-success": scenario("completed", "an order is paid"),
  "order-failed": scenario("failed", "an order is not paid"),
} as const satisfies Record<string, Scenario>;
