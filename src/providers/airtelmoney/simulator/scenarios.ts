import type { CallbackScenario, Scenario } from "../../../simulator/play/scenario.ts";
import { jsonCallback } from "../../../simulator/post-callback.ts";
import type { ScriptOutcome } from "../../../simulator/script.ts";
import { callbackOf } from "./api.ts";

const scenario = (
  kind: "checkout" | "mobile_payout",
  confirmed: Extract<ScriptOutcome, "completed" | "failed">,
  means: string,
): CallbackScenario => ({
  by: "callback",
  channel: "callbacks",
  means,
  registration: ({ mark, amount }) => ({
    kind,
    provider_refs: { transaction_id: mark },
    reference: mark,
    amount,
    currency: "KES",
  }),
  callbacks: sample => [{ channel: "callbacks", callback: jsonCallback(callbackOf(sample, confirmed)) }],
  answer: { status: 200, contains: '"accepted"' },
  events: [`${kind === "checkout" ? "payment" : "payout"}.${confirmed}`],
  polledBy: ({ mark }) => mark,
  confirmed,
});

export const airtelScenarios = {
  "payment-success": scenario("checkout", "completed", "a push is paid"),
  "payment-failed": scenario("checkout", "failed", "a push is not paid"),
  "payout-success": scenario("mobile_payout", "completed", "a payout is made"),
} as const satisfies Record<string, Scenario>;
