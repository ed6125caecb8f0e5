import type { Sample } from "../../../simulator/play/sample.ts";
import type { ScriptOutcome } from "../../../simulator/script.ts";
import type { StatusApi } from "../../../simulator/status-api.ts";

const words: Record<ScriptOutcome, string> = {
  pending: "TIP",
  completed: "TS",
  failed: "TF",
  expired: "TE",
  refunded: "TR",
};

/** Airtel's tokens and look-ups. */
export const api: StatusApi = {
  credentials: { client_id: "client", client_secret: "client-secret" },
  token({ method, path, body }, tokens) {
    if (method !== "POST" || path !== "/auth/oauth2/token") return null;
    const { client_id, client_secret } = JSON.parse(body || "{}") as Record<string, unknown>;
    const isRight = client_id === api.credentials.client_id && client_secret === api.credentials.client_secret;
    if (!isRight) return { status: 401, body: { error: "invalid_client" } };
    const { token } = tokens.issue();
    return { status: 200, body: { access_token: token, expires_in: "180", token_type: "bearer" } };
  },
  about({ method, path }) {
    const id = /^\/standard\/(?:v1\/payments|v2\/disbursements)\/([^/]+)$/.exec(path)?.[1];
    return method === "GET" && id !== undefined ? decodeURIComponent(id) : null;
  },
  isAllowed: ({ headers }, tokens) => tokens.isValid(headers.authorization) && headers["x-country"] !== undefined,
  start({ method, path, body: text }) {
    if (method !== "POST" || !/^\/(merchant\/v1\/payments|standard\/v1\/disbursements)\/$/.test(path)) return null;
    const { transaction, subscriber, payee } = JSON.parse(text);
    const { id, amount } = transaction;
    const sample = { mark: id, amount: String(amount), phone: (subscriber ?? payee).msisdn, at: new Date() };
    const status = { code: "200", message: "SUCCESS", result_code: "ESB000010", success: true };
    return { id, sample, reply: { status: 200, body: { data: { transaction: { id, status: "Success." } }, status } } };
  },
  say: (id, _sample, outcome) => ({
    status: 200,
    body: {
      data: { transaction: { airtel_money_id: "C36*******67", id, message: words[outcome], status: words[outcome] } },
      status: { code: "200", message: "SUCCESS", result_code: "ESB000010", success: true },
    },
  }),
  unknown: () => ({
    status: 200,
    body: { status: { code: "200", message: "Transaction not found", result_code: "ESB000045", success: false } },
  }),
  refused: { status: 401, body: { error: "invalid_token" } },
};

/** A callback's body. */
export function callbackOf({ mark }: Sample, outcome: ScriptOutcome): Record<string, unknown> {
  return { transaction: { id: mark, message: "Paid", status_code: words[outcome], airtel_money_id: `MP26.${mark}` } };
}
