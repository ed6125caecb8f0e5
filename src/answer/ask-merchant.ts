import type { Egress } from "../egress/client.ts";
import type { EgressResult } from "../egress/exchange.ts";
import { signWebhook } from "../egress/webhook.ts";
import type { Breaker } from "./breaker.ts";
import type { MerchantAnswer } from "./merchant-answers.ts";

type MerchantQuestion<T> = {
  connectionId: string;
  url: string;
  /** The connection's forward secret. */
  secret: string;
  /** `webhook-id`: the same where the question is asked again, so that a merchant can tell. */
  id: string;
  type: string;
  data: Record<string, unknown>;
  timeoutMs: number;
  /** What a 2xx answer says; a problem where it says nothing that can be used. */
  read: (answer: { body: string; contentType: string }) => MerchantAnswer<T>;
};

export type MerchantCall = <T>(question: MerchantQuestion<T>) => Promise<MerchantAnswer<T>>;

/**
 * Asks the merchant, signed as events are. Whatever goes wrong is a problem in words; never rejects, and ends in `timeoutMs`. Only who
 * gives no answer is left alone for a while: a wrong answer costs nobody time, and the next may be right.
 */
export function createMerchantCall(deps: { send: Egress["send"]; breaker: Breaker; now: () => Date }): MerchantCall {
  const { send, breaker, now } = deps;
  return async question => {
    const { connectionId, url, secret, id, type, data, timeoutMs, read } = question;
    const key = `${connectionId}|${url}`;
    if (timeoutMs < 1) return { ok: false, problem: "no time is left to ask the merchant" };
    if (!breaker.admits(key)) return { ok: false, problem: "the merchant did not answer lately and is left alone" };
    const result = await exchange();
    if (result.kind === "timeout" || result.kind === "network") breaker.failed(key);
    else breaker.succeeded(key);
    return readResult(result, read);

    async function exchange(): Promise<EgressResult> {
      try {
        const body = JSON.stringify({ type, data });
        const timestampS = Math.floor(now().getTime() / 1000);
        const signed = signWebhook({ id, timestampS, body, secrets: [secret] });
        const headers = { "content-type": "application/json", ...signed };
        return await send({ method: "POST", url, headers, body, timeoutMs, tenant: connectionId });
      } catch {
        // A secret that is none, or a failure nobody foresaw; the breaker must hear of it all the same.
        return { kind: "network", code: "NOT_SENT", reason: "the question could not be sent", latencyMs: 0 };
      }
    }
  };
}

function readResult<T>(result: EgressResult, read: MerchantQuestion<T>["read"]): MerchantAnswer<T> {
  switch (result.kind) {
    case "refused":
      return { ok: false, problem: `the merchant's URL may not be called: ${result.reason}` };
    case "timeout":
      return { ok: false, problem: "the merchant did not answer in time" };
    case "network":
      return { ok: false, problem: `the merchant could not be reached: ${result.reason}` };
    case "answer":
      if (result.status < 200 || result.status > 299)
        return { ok: false, problem: `the merchant answered with status ${result.status}` };
      if (result.truncated) return { ok: false, problem: "the merchant's answer is too long" };
      return read({ body: result.body.toString("utf8"), contentType: result.headers["content-type"] ?? "" });
  }
}
