import type { Connection } from "../connections/connection.ts";
import { digestUuid } from "../domain/ids.ts";
import type { EgressResult } from "../egress/exchange.ts";
import { signWebhook } from "../egress/webhook.ts";
import type { AnswerContext } from "./answer-context.ts";
import type { MerchantAnswer } from "./merchant-answers.ts";

/** A question for the merchant to decide: a validation, or the next screen of a USSD session. */
export type MerchantQuestion<T> = {
  connection: Pick<Connection, "id" | "environment" | "forwardSecret">;
  url: string;
  /** `webhook-id`; see `questionId`. */
  id: string;
  type: string;
  data: Record<string, unknown>;
  timeoutMs: number;
  /** Reads the body of a 2xx answer. */
  read: (body: string) => MerchantAnswer<T>;
};

/** The id of a question by its name: the same for each copy, so that a merchant recognizes it. */
export function questionId(name: string): string {
  return `msg_${digestUuid(name).replaceAll("-", "")}`;
}

/**
 * Sends a question to the merchant, signed like an event. Resolves within `timeoutMs`, to a problem where the answer
 * cannot be used; never rejects. Only a missing answer counts as a failure for the breaker: a wrong answer costs no
 * time, and the next one may be right.
 */
export async function askMerchant<T>(
  context: Pick<AnswerContext, "egress" | "breaker" | "now">,
  question: MerchantQuestion<T>,
): Promise<MerchantAnswer<T>> {
  const { breaker } = context;
  const key = `${question.connection.id}|${question.url}`;
  if (question.timeoutMs < 1) return { ok: false, problem: "no time is left to ask the merchant" };
  if (!breaker.admits(key)) return { ok: false, problem: "the merchant is not asked: its URL failed repeatedly" };
  const result = await send(context, question);
  if (result.kind === "timeout" || result.kind === "network") breaker.recordFailure(key);
  else breaker.recordSuccess(key);
  return readResult(result, question.read);
}

async function send(
  { egress, now }: Pick<AnswerContext, "egress" | "now">,
  { connection, url, id, type, data, timeoutMs }: Omit<MerchantQuestion<unknown>, "read">,
): Promise<EgressResult> {
  try {
    const body = JSON.stringify({ type, data });
    const timestampS = Math.floor(now().getTime() / 1000);
    const signed = signWebhook({ id, timestampS, body, secrets: [connection.forwardSecret] });
    const headers = { "content-type": "application/json", "hakika-environment": connection.environment, ...signed };
    return await egress.send({ method: "POST", url, headers, body, timeoutMs, tenant: connection.id });
  } catch {
    // For example a malformed secret. A result, so that the breaker always gets a report.
    return { kind: "network", code: "NOT_SENT", reason: "the question could not be sent", latencyMs: 0 };
  }
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
      return read(result.body.toString("utf8"));
  }
}
