import type { Sample } from "../../../simulator/play/sample.ts";
import type { CallbackScenario, Scenario } from "../../../simulator/play/scenario.ts";
import { jsonCallback } from "../../../simulator/post-callback.ts";
import type { ScriptOutcome } from "../../../simulator/script.ts";
import { currency, paymentOf } from "./api.ts";

/** A UUID of the sample's own. */
function referenceIdOf({ mark }: Sample): string {
  const digits = Buffer.from(mark).toString("hex").padEnd(32, "0").slice(0, 32);
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
}

const scenario = (
  product: "collection" | "disbursement",
  confirmed: Extract<ScriptOutcome, "completed" | "failed">,
  means: string,
): CallbackScenario => ({
  by: "callback",
  channel: product,
  means,
  registration: sample => ({
    kind: product === "collection" ? "checkout" : "mobile_payout",
    provider_refs: { reference_id: referenceIdOf(sample) },
    reference: sample.mark,
    amount: sample.amount,
    currency,
  }),
  callbacks: sample => [
    {
      channel: product,
      callback: {
        ...jsonCallback(paymentOf(sample, confirmed)),
        method: "PUT",
        query: { reference_id: referenceIdOf(sample) },
      },
    },
  ],
  answer: { status: 200, contains: '"accepted"' },
  events: [`${product === "collection" ? "payment" : "payout"}.${confirmed}`],
  polledBy: referenceIdOf,
  confirmed,
});

export const mtnScenarios = {
  "collection-success": scenario("collection", "completed", "a request to pay is approved"),
  "collection-rejected": scenario("collection", "failed", "the payer rejects a request to pay"),
  "disbursement-success": scenario("disbursement", "completed", "a transfer is made"),
  "disbursement-failed": scenario("disbursement", "failed", "a transfer is not made"),
} as const satisfies Record<string, Scenario>;
