import type { Sample } from "../../../simulator/play/sample.ts";
import type { ScriptOutcome } from "../../../simulator/script.ts";
import type { StatusApi } from "../../../simulator/status-api.ts";

export const secretKey = "sk_test_simulated_key";
export const currency = "KES";
const words: Record<ScriptOutcome, string> = {
  pending: "ongoing",
  completed: "success",
  failed: "failed",
  expired: "abandoned",
  refunded: "reversed",
};

/** Hundredths: 50.00 is 5000. */
export const minorOf = (amount: string): number => Math.round(Number(amount) * 100);

/** Paystack's verification of charges and transfers. */
export const api: StatusApi = {
  credentials: { secret_key: secretKey },
  about: ({ method, path }) => {
    const id = method === "GET" ? /^\/(?:transaction|transfer)\/verify\/([^/]+)$/.exec(path)?.[1] : undefined;
    return id === undefined ? null : decodeURIComponent(id);
  },
  isAllowed: ({ headers }) => headers.authorization === `Bearer ${secretKey}`,
  say: (reference, sample, outcome) => ({
    status: 200,
    body: { status: true, message: "Verification successful", data: chargeOf(reference, sample, outcome) },
  }),
  unknown: () => ({ status: 404, body: { status: false, message: "Transaction reference not found." } }),
  refused: { status: 401, body: { status: false, message: "Invalid key" } },
};

/** A charge, as answers and webhooks have it. */
export function chargeOf(reference: string, { amount, phone, at }: Sample, outcome: ScriptOutcome) {
  return {
    id: 4099260516,
    status: words[outcome],
    reference,
    amount: minorOf(amount),
    currency,
    gateway_response: outcome === "completed" ? "Successful" : "Declined",
    paid_at: outcome === "completed" ? at.toISOString() : null,
    channel: "mobile_money",
    fees: 75,
    customer: { email: "payer@example.com", phone: `+${phone}` },
  };
}
