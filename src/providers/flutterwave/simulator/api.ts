import type { Sample } from "../../../simulator/play/sample.ts";
import type { ScriptOutcome } from "../../../simulator/script.ts";
import type { StatusApi } from "../../../simulator/status-api.ts";

export const secretHash = "a-simulated-secret-hash";
const secretKey = "FLWSECK_TEST-simulated";
export const currency = "KES";
const words: Record<ScriptOutcome, string> = {
  pending: "pending",
  completed: "successful",
  failed: "failed",
  expired: "failed",
  refunded: "successful",
};

/** Flutterwave's verification of charges by reference and of transfers by number, version 3. */
export const api: StatusApi = {
  credentials: { secret_key: secretKey, secret_hash: secretHash },
  about({ method, path, query }) {
    if (method !== "GET") return null;
    return path === "/v3/transactions/verify_by_reference" ? query.get("tx_ref") : transferIn(path);
  },
  isAllowed: ({ headers }) => headers.authorization === `Bearer ${secretKey}`,
  say(_id, sample, outcome, { path }) {
    const data = transferIn(path) === null ? chargeOf(sample, outcome) : transferOf(sample, outcome);
    return { status: 200, body: { status: "success", message: "Transaction fetched successfully", data } };
  },
  unknown: () => ({ status: 404, body: { status: "error", message: "No transaction was found", data: null } }),
  refused: { status: 401, body: { status: "error", message: "Invalid authorization key", data: null } },
};

function transferIn(path: string): string | null {
  return /^\/v3\/transfers\/(\d+)$/.exec(path)?.[1] ?? null;
}

/** A number of the sample's own: charges are numbered. */
export function numberOf({ mark }: Sample): number {
  return Number.parseInt(mark.slice(1), 36) % 1_000_000_000;
}

/** A charge, as version 3 has it. */
export function chargeOf(sample: Sample, outcome: ScriptOutcome): Record<string, unknown> {
  const { mark, amount, phone, at } = sample;
  return {
    id: numberOf(sample),
    tx_ref: mark,
    flw_ref: "FLW-MOCK-9e7e",
    amount: Number(amount),
    currency,
    charged_amount: Number(amount),
    app_fee: 1.45,
    status: words[outcome],
    payment_type: "mpesa",
    processor_response: outcome === "completed" ? "Approved" : "Declined",
    created_at: at.toISOString(),
    customer: { id: 1, name: "Amina W", phone_number: phone },
  };
}

/** A transfer to a wallet, as version 3 has it. */
export function transferOf(sample: Sample, outcome: ScriptOutcome): Record<string, unknown> {
  const isPaid = outcome === "completed";
  return {
    id: numberOf(sample),
    reference: sample.mark,
    bank_code: "MPS",
    amount: Number(sample.amount),
    currency,
    status: words[outcome].toUpperCase(),
    complete_message: isPaid ? "Transaction was successful" : "DISBURSE FAILED",
  };
}
