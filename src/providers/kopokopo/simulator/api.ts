import type { Sample } from "../../../simulator/play/sample.ts";
import type { ScriptOutcome } from "../../../simulator/script.ts";
import type { StatusApi } from "../../../simulator/status-api.ts";

export const apiKey = "simulated-api-key";
const words: Record<ScriptOutcome, string> = {
  pending: "Pending",
  completed: "Success",
  failed: "Failed",
  expired: "Failed",
  refunded: "Success",
};

/** Kopo Kopo's tokens, pushes, subscriptions and statements. */
export const api: StatusApi = {
  credentials: { client_id: "client", client_secret: "client-secret", api_key: apiKey, till_number: "112233" },
  token({ method, path, body }, tokens) {
    if (method !== "POST" || path !== "/oauth/token") return null;
    const form = new URLSearchParams(body);
    const isRight = form.get("client_id") === "client" && form.get("client_secret") === "client-secret";
    if (!isRight) return { status: 401, body: { error: "invalid_client" } };
    const { token, expiresInS } = tokens.issue();
    return { status: 200, body: { access_token: token, token_type: "Bearer", expires_in: expiresInS } };
  },
  about: ({ method, path }) =>
    method === "GET" ? (/^\/api\/v2\/(?:incoming_payments|send_money)\/([^/]+)$/.exec(path)?.[1] ?? null) : null,
  isAllowed: ({ headers }, tokens) => tokens.isValid(headers.authorization),
  start({ method, path, body: text }, n) {
    if (method !== "POST" || path !== "/api/v2/incoming_payments") return null;
    const { amount, metadata, subscriber } = JSON.parse(text);
    const id = `a652f86f-f2aa-4d70-baa2-${String(n).padStart(12, "0")}`;
    const phone = subscriber.phone_number.replace("+", "");
    const sample = { mark: metadata.reference, amount: String(amount.value), phone, at: new Date() };
    const location = `https://sandbox.kopokopo.com${path}/${id}`;
    return { id, sample, reply: { status: 201, headers: { location }, body: "" } };
  },
  say: (id, sample, outcome) => ({ status: 200, body: pushOf(id, sample, outcome) }),
  unknown: () => ({ status: 404, body: { error_code: 404, error_message: "Not found" } }),
  refused: { status: 401, body: { error: "invalid_token" } },
  other: ({ method, path }) =>
    method === "POST" && /^\/api\/v2\/(webhook_subscriptions|polling)$/.test(path)
      ? { what: path.endsWith("polling") ? "pull" : "register", reply: { status: 201, body: {} } }
      : null,
};

/** The result of a push, as it is posted and as it is looked up. */
export function pushOf(id: string, sample: Sample, outcome: ScriptOutcome): object {
  const isPaid = outcome === "completed";
  return {
    data: {
      id,
      type: "incoming_payment",
      attributes: {
        initiation_time: sample.at.toISOString(),
        status: words[outcome],
        event: {
          type: "Incoming Payment Request",
          resource: isPaid ? resourceOf(sample, "Received") : null,
          errors: isPaid ? null : "The payer cancelled the request.",
        },
        metadata: { reference: sample.mark },
      },
    },
  };
}

/** A payment to a till. */
export function resourceOf({ mark, amount, phone, at }: Sample, status: string): Record<string, unknown> {
  return {
    id: `till-${mark}`,
    amount,
    status,
    system: "Lipa Na M-PESA",
    currency: "KES",
    reference: mark,
    till_number: "112233",
    origination_time: at.toISOString(),
    sender_phone_number: `+${phone}`,
    sender_first_name: "Jane",
    sender_last_name: "Doe",
  };
}
