import type { Finding, Says } from "../../domain/evidence.ts";
import type { ProviderResponse, Send } from "../call.ts";
import { currencyIn } from "../kit/country.ts";
import { type Fields, fieldsAt, fieldsOf } from "../kit/fields.ts";
import { postJson } from "../kit/post-json.ts";
import { collectProblems } from "../kit/problems.ts";
import { isProvisional } from "../kit/provisional-failure.ts";
import { failureByStatus, isOk, jsonObjectOf, withoutBody } from "../kit/response.ts";
import { safeCode } from "../kit/safe-text.ts";
import { refusedCall } from "../kit/said.ts";
import { evidenceAnswer, notYet, unreadableAnswer } from "../kit/status-answers.ts";
import type { StatusTable } from "../kit/status-table.ts";
import { pushIdentity } from "../kit/stk-envelope.ts";
import { isZeroCode } from "../kit/success-code.ts";
import { idOf, receiptOf, textOf } from "../kit/text.ts";
import type { PollRequest, StatusAnswer, StatusCall } from "../status.ts";
import { homeCountry } from "./shape.ts";

/** The credential that has to be `on`: the call is not documented, one integrator has it in their code. */
export const optIn = "experimental_status";

/** Experimental, and off unless the connection says otherwise. */
export const status: StatusCall = {
  kinds: {
    stk_push: { credentials: [["client_id", "client_secret"]], refs: ["checkout_request_id"], optIn },
  },
  ratePerMinute: { sandbox: 60, production: 60 },
  poll: pollCodian,
  readDeferredAnswer: null,
};

/**
 * What ends a push in an answer. The answer's shape is a guess, so the list is short: M-Pesa's code for paid, its
 * commonest failures (Codian swaps the meaning of two of them, both of which are failures), and words that are about
 * payments only.
 */
export const finalInAnswer = {
  "0": "completed",
  "1": "failed",
  "1019": "expired",
  "1032": "failed",
  "1037": "failed",
  "2001": "failed",
  completed: "completed",
  paid: "completed",
  failed: "failed",
  cancelled: "failed",
} as const satisfies StatusTable;

async function pollCodian(request: PollRequest, send: Send): Promise<StatusAnswer> {
  const { client_id, client_secret } = request.credentials;
  const checkout_request_id = (request.refs.checkout_request_id ?? "").trim();
  const answer = await send(postJson("/v1/payments/c2b/status/", { client_id, client_secret, checkout_request_id }));
  return answer.kind === "answer" ? readCodian(answer, request) : answer;
}

/** Exported for tests. Counts only what stands beside the polled id. Never throws. */
export function readCodian(answer: ProviderResponse, request: PollRequest): StatusAnswer {
  const failure = failureByStatus(answer, request.now, false);
  if (failure) return failure;
  const body = jsonObjectOf(answer);
  if (body === null) return withoutBody(answer);
  if (answer.status === 404) return { kind: "not-found" };
  if (!isOk(answer)) return refusedCall(answer);
  const field = payments(body).find(each => idIn(each) === request.refs.checkout_request_id?.trim());
  if (!field) return notYet("the answer does not name the polled push");
  const code = textOf(field("ResultCode", "result_code")) ?? textOf(field("payment_status", "status"));
  const says = code === null ? null : saysOfCode(code);
  if (code === null || says === null) return notYet(`code ${safeCode(code ?? "")}`);
  return finding(field, code, says, request);
}

function finding(field: Fields, code: string, says: Says, request: PollRequest): StatusAnswer {
  const problems = collectProblems();
  const amount =
    says === "completed"
      ? problems.amount("amount", field("Amount", "amount"), currencyIn(request, homeCountry))
      : undefined;
  const found = problems.found();
  if (found) return unreadableAnswer(found.problems);
  const receipt =
    says === "completed" ? receiptOf(field("MpesaReceiptNumber", "mpesa_receipt_number", "receipt")) : null;
  const refs = { checkout_request_id: idIn(field)!, ...(receipt !== null && { receipt }) };
  const said: Finding = {
    kind: "stk_push",
    says,
    refs,
    identity: pushIdentity(refs),
    result: { code, description: textOf(field("ResultDesc", "result_desc", "message")) ?? "" },
    ...(amount && { amount }),
    ...(isProvisional(says, request) && { provisional: true }),
  };
  return evidenceAnswer(said);
}

/** Where the payment may be: at the root, under one of the usual wrappers, or in M-Pesa's envelope. */
function payments(body: Record<string, unknown>): Fields[] {
  const field = fieldsOf(body);
  const wrapped = ["data", "payment", "transaction"].map(name => fieldsOf(field(name)));
  return [field, ...wrapped, fieldsAt(body, "Body", "stkCallback")];
}

function idIn(field: Fields): string | null {
  return idOf(field("CheckoutRequestID", "checkout_request_id", "checkoutRequestId"));
}

function saysOfCode(code: string): Says | null {
  const known = isZeroCode(code) ? "0" : code.toLowerCase();
  return Object.hasOwn(finalInAnswer, known) ? finalInAnswer[known as keyof typeof finalInAnswer] : null;
}
