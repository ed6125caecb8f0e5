import type { ScriptOutcome } from "../../../simulator/script.ts";
import type { StatusApi } from "../../../simulator/status-api.ts";

const words: Record<ScriptOutcome, string> = {
  pending: "Invalid",
  completed: "Completed",
  failed: "Failed",
  expired: "Invalid",
  refunded: "Reversed",
};

/** Pesapal's tokens, orders, and the registration of the IPN's URL. */
export const api: StatusApi = {
  credentials: { consumer_key: "key", consumer_secret: "secret" },
  token({ method, path, body }, tokens) {
    if (method !== "POST" || path !== "/pesapalv3/api/Auth/RequestToken") return null;
    const { consumer_key, consumer_secret } = JSON.parse(body || "{}") as Record<string, unknown>;
    const isRight = consumer_key === "key" && consumer_secret === "secret";
    if (!isRight) return { status: 200, body: { error: { code: "invalid_consumer_key_or_secret_provided" } } };
    const expiryDate = new Date(Date.now() + 300_000).toISOString();
    return { status: 200, body: { token: tokens.issue().token, expiryDate, error: null, status: "200" } };
  },
  about: ({ method, path, query }) =>
    method === "GET" && path === "/pesapalv3/api/Transactions/GetTransactionStatus"
      ? query.get("orderTrackingId")
      : null,
  isAllowed: ({ headers }, tokens) => tokens.isValid(headers.authorization),
  start({ method, path, body: text }, n) {
    if (method !== "POST" || path !== "/pesapalv3/api/Transactions/SubmitOrderRequest") return null;
    const { id: mark, amount, billing_address } = JSON.parse(text);
    const id = `b945e4af-80a5-4ec1-8706-${String(n).padStart(12, "0")}`;
    const sample = { mark, amount: String(amount), phone: billing_address.phone_number ?? "", at: new Date() };
    const redirect_url = `https://pay.pesapal.com/iframe/PesapalIframe3/Index?OrderTrackingId=${id}`;
    const body = { order_tracking_id: id, merchant_reference: mark, redirect_url, error: null, status: "200" };
    return { id, sample, reply: { status: 200, body } };
  },
  say: (_id, { amount, mark, phone }, outcome) => ({
    status: 200,
    body: {
      payment_method: "Mpesa",
      amount: Number(amount),
      confirmation_code: outcome === "completed" ? mark : "",
      payment_status_description: words[outcome],
      payment_account: `${phone.slice(0, 4)}****${phone.slice(-4)}`,
      merchant_reference: mark,
      currency: "KES",
      error: { error_type: null, code: null, message: null },
      status: "200",
    },
  }),
  unknown: () => ({ status: 200, body: { error: { code: "payment_details_not_found", message: "Pending Payment" } } }),
  refused: { status: 401, body: { message: "Unauthorized" } },
  other: ({ method, path }) =>
    method === "POST" && path === "/pesapalv3/api/URLSetup/RegisterIPN"
      ? { what: "register", reply: { status: 200, body: { ipn_id: "84740ab4-3cd9-47da-8a4f-dd1db53494b5" } } }
      : null,
};
