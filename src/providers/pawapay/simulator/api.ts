import type { Sample } from "../../../simulator/play/sample.ts";
import type { ScriptOutcome } from "../../../simulator/script.ts";
import type { StatusApi } from "../../../simulator/status-api.ts";
import { keyId, publicKeyPem } from "./sign.ts";

export const currency = "ZMW";
const ids = { deposits: "depositId", payouts: "payoutId", refunds: "refundId" } as const;
export type SimulatedProduct = keyof typeof ids;

const words: Record<ScriptOutcome, object> = {
  pending: { status: "ACCEPTED" },
  completed: { status: "COMPLETED", providerTransactionId: "12356789" },
  failed: { status: "FAILED", failureReason: { failureCode: "PAYMENT_NOT_APPROVED", failureMessage: "Not approved" } },
  expired: { status: "FAILED", failureReason: { failureCode: "PAYMENT_NOT_APPROVED", failureMessage: "Timed out" } },
  refunded: { status: "COMPLETED", providerTransactionId: "12356789" },
};

const statusPath = /^\/v2\/(deposits|payouts|refunds)\/([^/]+)$/;

/** pawaPay's status calls, and the keys that its callbacks are signed with. */
export const api: StatusApi = {
  credentials: { api_token: "simulated-token" },
  about: ({ method, path }) => (method === "GET" ? (statusPath.exec(path)?.[2] ?? null) : null),
  isAllowed: ({ headers }) => headers.authorization === "Bearer simulated-token",
  start({ method, path, body: text }) {
    const product = method === "POST" ? /^\/v2\/(deposits|payouts|refunds)$/.exec(path)?.[1] : undefined;
    if (product === undefined) return null;
    const body = JSON.parse(text);
    const idName = ids[product as SimulatedProduct];
    const phone = (body.payer ?? body.recipient)?.accountDetails.phoneNumber ?? "";
    const sample = { mark: body.clientReferenceId, amount: body.amount, phone, at: new Date() };
    const reply = {
      status: 200,
      body: { [idName]: body[idName], status: "ACCEPTED", created: new Date().toISOString() },
    };
    return { id: body[idName], sample, reply };
  },
  say(id, sample, outcome, { path }) {
    const product = statusPath.exec(path)![1] as SimulatedProduct;
    return { status: 200, body: { status: "FOUND", data: paymentOf(product, id, sample, outcome) } };
  },
  unknown: () => ({ status: 200, body: { status: "NOT_FOUND" } }),
  refused: { status: 401, body: { failureReason: { failureCode: "AUTHENTICATION_ERROR" } } },
  other: ({ path }) =>
    path === "/v2/public-key/http"
      ? { what: "keys", reply: { status: 200, body: [{ id: keyId, key: publicKeyPem }] } }
      : null,
};

export function paymentOf(
  product: SimulatedProduct,
  id: string,
  { amount, phone, mark, at }: Sample,
  outcome: ScriptOutcome,
): Record<string, unknown> {
  const party = { type: "MMO", accountDetails: { phoneNumber: phone, provider: "MTN_MOMO_ZMB" } };
  return {
    [ids[product]]: id,
    amount,
    currency,
    country: "ZMB",
    [product === "deposits" ? "payer" : "recipient"]: party,
    clientReferenceId: mark,
    created: at.toISOString(),
    ...words[outcome],
  };
}
