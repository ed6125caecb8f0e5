import { formatMoney } from "../../domain/money.ts";
import type { ProviderResponse } from "../call.ts";
import { fieldsOf, isObject } from "../kit/fields.ts";
import { failureByStatus, isOk, jsonObjectOf, withoutBody } from "../kit/response.ts";
import { safeText } from "../kit/safe-text.ts";
import { refusedCall } from "../kit/said.ts";
import { idOf, textOf } from "../kit/text.ts";
import type { FieldProblem } from "../provider.ts";
import type { StartAnswer, StartCall, StartOrder, StartRequest } from "../start.ts";

/** `POST /version1/airtime/send`, a form with one recipient. */
export const start: StartCall = {
  kinds: {
    airtime: {
      credentials: [["username", "api_key"]],
      options: {},
      // The header Idempotency-Key keeps a repeated call from being sent twice, for how long is not documented.
      idempotent: false,
      byRecipient: true,
    },
  },
  request,
  read: readStarted,
};

function request({ amount, phone, id, credentials }: StartOrder): StartRequest {
  const problems: FieldProblem[] = [];
  if (amount === null || amount.minor === 0n) problems.push({ path: "amount", message: "must be more than zero" });
  if (phone === null) problems.push({ path: "phone", message: "is required: the number that gets the airtime" });
  const [first, ...rest] = problems;
  if (first !== undefined) return { kind: "problems", problems: [first, ...rest] };
  const recipients = [{ phoneNumber: phone, amount: `${amount!.currency} ${formatMoney(amount!)}` }];
  const form = new URLSearchParams({
    username: (credentials.username ?? "").trim(),
    recipients: JSON.stringify(recipients),
  });
  return {
    kind: "call",
    call: {
      method: "POST",
      path: "/version1/airtime/send",
      headers: {
        apiKey: (credentials.api_key ?? "").trim(),
        accept: "application/json",
        "content-type": "application/x-www-form-urlencoded",
        "idempotency-key": id,
      },
      body: form.toString(),
    },
    refs: {},
  };
}

/**
 * Each recipient has a status of its own: `Sent` with a request id was taken. One with the id "None" was not, and its
 * message says why (no such network, no funds, the same number and amount within five minutes).
 */
function readStarted(answer: ProviderResponse, { now }: StartOrder): StartAnswer {
  const failure = failureByStatus(answer, now, false);
  if (failure) return failure;
  const body = jsonObjectOf(answer);
  if (!isOk(answer)) return refusedCall(answer);
  if (body === null) return unknownOf(withoutBody(answer));
  const field = fieldsOf(body);
  const responses = field("responses");
  const [recipient] = Array.isArray(responses) ? responses.filter(isObject) : [];
  const outer = said(field("errorMessage"));
  if (recipient === undefined) {
    // No recipient was taken: the message says why.
    if (outer !== null) return { kind: "refused", code: null, reason: outer };
    return { kind: "unknown", reason: "an answer without a recipient" };
  }
  const each = fieldsOf(recipient);
  const requestId = said(each("requestId"));
  const reason = said(each("errorMessage")) ?? textOf(each("status")) ?? "no reason is given";
  if (requestId === null) return { kind: "refused", code: null, reason: safeText(reason) ?? "" };
  const id = idOf(requestId);
  if (id === null) return { kind: "unknown", reason: "an unusable request id" };
  return { kind: "accepted", refs: { request_id: id }, message: safeText(each("status")) };
}

/** "None" is how Africa's Talking writes that there is none. */
function said(value: unknown): string | null {
  const text = textOf(value);
  return text === null || text.toLowerCase() === "none" ? null : text;
}

function unknownOf(failure: { kind: string; reason?: string }): StartAnswer {
  return { kind: "unknown", reason: failure.reason ?? failure.kind };
}
