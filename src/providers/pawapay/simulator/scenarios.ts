import type { Sample } from "../../../simulator/play/sample.ts";
import type { CallbackScenario, Scenario } from "../../../simulator/play/scenario.ts";
import { jsonCallback } from "../../../simulator/post-callback.ts";
import type { ScriptOutcome } from "../../../simulator/script.ts";
import { currency, paymentOf, type SimulatedProduct } from "./api.ts";

const names = {
  deposits: { kind: "checkout", ref: "deposit_id", family: "payment" },
  payouts: { kind: "mobile_payout", ref: "payout_id", family: "payout" },
  refunds: { kind: "reversal", ref: "refund_id", family: "payout" },
} as const;

/** A UUID of the sample's own. */
export function idOfSample({ mark }: Sample): string {
  const digits = Buffer.from(mark).toString("hex").padEnd(32, "0").slice(0, 32);
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
}

const scenario = (
  product: SimulatedProduct,
  confirmed: Extract<ScriptOutcome, "completed" | "failed">,
  means: string,
): CallbackScenario => ({
  by: "callback",
  channel: product,
  means,
  registration: sample => ({
    kind: names[product].kind,
    provider_refs: { [names[product].ref]: idOfSample(sample) },
    reference: sample.mark,
    amount: sample.amount,
    currency,
  }),
  callbacks: sample => [
    { channel: product, callback: jsonCallback(paymentOf(product, idOfSample(sample), sample, confirmed)) },
  ],
  answer: { status: 200, contains: '"accepted"' },
  events: [`${names[product].family}.${confirmed}`],
  polledBy: idOfSample,
  confirmed,
});

export const pawapayScenarios = {
  "deposit-success": scenario("deposits", "completed", "a deposit is paid"),
  "deposit-failed": scenario("deposits", "failed", "a deposit is not approved"),
  "payout-success": scenario("payouts", "completed", "a payout is made"),
  "payout-failed": scenario("payouts", "failed", "a payout fails"),
  "refund-success": scenario("refunds", "completed", "a refund is made"),
  "refund-failed": scenario("refunds", "failed", "a refund fails"),
} as const satisfies Record<string, Scenario>;
