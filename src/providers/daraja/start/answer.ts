import type { ProviderResponse } from "../../call.ts";
import { fieldsOf } from "../../kit/fields.ts";
import { jsonObjectOf } from "../../kit/response.ts";
import { safeCode, safeText } from "../../kit/safe-text.ts";
import { reasonOf, saidIn } from "../../kit/said.ts";
import { isZeroCode } from "../../kit/success-code.ts";
import { idOf, present, textOf } from "../../kit/text.ts";
import type { StartAnswer, StartOrder } from "../../start.ts";
import { callFailureIn, errorCodeIn, refusedBy } from "../call-failure.ts";

/**
 * Reads the answer to a call that starts a transaction. Under a 5xx the order may have been taken, whatever the code
 * says ("system is busy", "unable to lock subscriber", a duplicate conversation): asked again, it could be paid twice.
 * A 4xx took nothing.
 */
export function readStarted(answer: ProviderResponse, { now }: StartOrder): StartAnswer {
  const body = jsonObjectOf(answer);
  const refusal = body && errorCodeIn(body);
  if (answer.status >= 500 || answer.status === 408) {
    const said = refusal ? { code: refusal.code || null, words: safeText(refusal.message) } : saidIn(answer);
    return { kind: "unknown", reason: `HTTP ${answer.status}, ${reasonOf(answer.status, said)}` };
  }
  const failure = callFailureIn(answer, now);
  if (failure) return failure;
  if (answer.status >= 400) return refusedBy(answer, refusal);
  const field = fieldsOf(body);
  const code = textOf(field("ResponseCode")) ?? refusal?.code ?? "";
  const message = safeText(field("CustomerMessage", "ResponseDescription")) ?? safeText(refusal?.message ?? null);
  if (!isZeroCode(code)) return { kind: "unknown", reason: `code ${safeCode(code)}${message ? `: ${message}` : ""}` };
  const refs = present({
    checkout_request_id: idOf(field("CheckoutRequestID")),
    merchant_request_id: idOf(field("MerchantRequestID")),
    conversation_id: idOf(field("ConversationID")),
    // Safaricom's own samples leave letters out.
    originator_conversation_id: idOf(
      field("OriginatorConversationID", "OriginatorCoversationID", "OriginatorConverstionID"),
    ),
  });
  if (refs === undefined) return { kind: "unknown", reason: "an answer without an id" };
  return { kind: "accepted", refs, message };
}
