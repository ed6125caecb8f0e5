import type { Sample } from "../../../simulator/play/sample.ts";
import type { ScriptOutcome } from "../../../simulator/script.ts";
import type { StatusApi } from "../../../simulator/status-api.ts";

const user = (product: string) => ({
  [`${product}_subscription_key`]: `${product}-subscription`,
  [`${product}_api_user`]: "b6f1f4f0-5f0e-4bd0-8f6b-1d7b1f7a2c10",
  [`${product}_api_key`]: `${product}-key`,
});
const words: Record<ScriptOutcome, object> = {
  pending: { status: "PENDING" },
  completed: { status: "SUCCESSFUL", financialTransactionId: "363440463" },
  failed: { status: "FAILED", reason: "APPROVAL_REJECTED" },
  expired: { status: "FAILED", reason: "EXPIRED" },
  refunded: { status: "SUCCESSFUL", financialTransactionId: "363440463" },
};

/** The sandbox knows one currency. */
export const currency = "EUR";

/** MTN's tokens and status calls of both products. */
export const api: StatusApi = {
  credentials: { ...user("collection"), ...user("disbursement") },
  token({ method, path, headers }, tokens) {
    const product = method === "POST" ? /^\/(collection|disbursement)\/token\/$/.exec(path)?.[1] : undefined;
    if (product === undefined) return null;
    const { [`${product}_api_user`]: name, [`${product}_api_key`]: key } = api.credentials;
    const basic = `Basic ${Buffer.from(`${name}:${key}`).toString("base64")}`;
    if (headers.authorization !== basic) return { status: 401, body: { error: "login_failed" } };
    const { token, expiresInS } = tokens.issue();
    return { status: 200, body: { access_token: token, token_type: "access_token", expires_in: expiresInS } };
  },
  about({ method, path }) {
    const id = /^\/(?:collection\/v1_0\/requesttopay|disbursement\/v1_0\/transfer)\/([^/]+)$/.exec(path)?.[1];
    return method === "GET" && id !== undefined ? decodeURIComponent(id) : null;
  },
  isAllowed({ path, headers }, tokens) {
    const product = path.split("/")[1]!;
    return (
      tokens.isValid(headers.authorization) &&
      headers["ocp-apim-subscription-key"] === `${product}-subscription` &&
      headers["x-target-environment"] === "sandbox"
    );
  },
  start({ method, path, headers, body }) {
    if (method !== "POST" || !/^\/(collection\/v1_0\/requesttopay|disbursement\/v1_0\/transfer)$/.test(path))
      return null;
    const { amount, externalId: mark, payer, payee } = JSON.parse(body);
    const sample = { mark, amount, phone: (payer ?? payee).partyId, at: new Date() };
    return { id: String(headers["x-reference-id"]), sample, reply: { status: 202, body: "" } };
  },
  say: (_id, sample, outcome) => ({ status: 200, body: paymentOf(sample, outcome) }),
  unknown: () => ({ status: 404, body: { code: "RESOURCE_NOT_FOUND", message: "Requested resource was not found." } }),
  refused: { status: 401, body: { statusCode: 401, message: "Access denied" } },
};

/** A payment, as the status call and the callback have it: without its reference id. */
export function paymentOf({ amount, phone, mark }: Sample, outcome: ScriptOutcome): Record<string, unknown> {
  const party = { partyIdType: "MSISDN", partyId: phone };
  return { externalId: mark, amount, currency, payer: party, payerMessage: mark, payeeNote: mark, ...words[outcome] };
}
