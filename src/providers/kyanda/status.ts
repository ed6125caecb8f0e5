import type { Finding } from "../../domain/evidence.ts";
import type { ProviderRefs } from "../../domain/kinds.ts";
import type { ProviderCall, ProviderResponse, Send } from "../call.ts";
import { fieldsOf, isObject } from "../kit/fields.ts";
import { postJson } from "../kit/post-json.ts";
import { collectProblems } from "../kit/problems.ts";
import { isOk, jsonObjectOf } from "../kit/response.ts";
import { safeCode } from "../kit/safe-text.ts";
import { refusedCall, saidIn } from "../kit/said.ts";
import { evidenceAnswer, notYet, unreadableAnswer } from "../kit/status-answers.ts";
import type { PollNeeds, PollRequest, StatusAnswer, StatusCall } from "../status.ts";
import { callFailureIn } from "./call-failure.ts";
import { saysOfCheck } from "./check-codes.ts";
import { saysOfCode } from "./codes.ts";
import { identityOfKyanda } from "./ipn.ts";
import { paymentOf, verdictOf } from "./payment.ts";
import { signatureOf } from "./signature.ts";

const transactionCheck: PollNeeds = { credentials: [["merchant_id", "api_key"]], refs: ["transaction_ref"] };

/** The transaction check: a signed look-up of one reference. */
export const status: StatusCall = {
  kinds: {
    checkout: transactionCheck,
    payment: transactionCheck,
    bill: transactionCheck,
    airtime: transactionCheck,
    pin_airtime: transactionCheck,
    data_bundle: transactionCheck,
    mobile_payout: transactionCheck,
    bank_payout: transactionCheck,
    b2b: transactionCheck,
    upi: transactionCheck,
    sms: transactionCheck,
  },
  ratePerMinute: { sandbox: 60, production: 60 },
  poll: pollKyanda,
  readDeferredAnswer: null,
};

async function pollKyanda(request: PollRequest, send: Send): Promise<StatusAnswer> {
  const answer = await send(checkCall(request));
  return answer.kind === "answer" ? readCheck(answer, request) : answer;
}

function checkCall({ credentials, refs }: PollRequest): ProviderCall {
  const merchantId = (credentials.merchant_id ?? "").trim();
  const transactionRef = (refs.transaction_ref ?? "").trim();
  const signature = signatureOf(credentials, merchantId, transactionRef);
  const body = { MerchantID: merchantId, transactionRef, signature };
  return postJson("/billing/v1/transaction-check", body, { headers: { apiKey: (credentials.api_key ?? "").trim() } });
}

/** Exported for tests. The outer code is the query's, the one in `details` the transaction's; never throws. */
export function readCheck(answer: ProviderResponse, request: PollRequest): StatusAnswer {
  const body = jsonObjectOf(answer);
  const outer = verdictOf(fieldsOf(body));
  const details = innerOf(fieldsOf(body)("details"));
  const inner = verdictOf(fieldsOf(details));
  // Beside a transaction's own status the outer code may be the transaction's, too.
  const isAnswered = isOk(answer) && (inner.code ?? inner.word) !== null;
  const failure = isAnswered ? null : callFailureIn(answer, outer.code, request.now);
  if (failure) return failure;
  const says = saysOfCheck(outer, inner);
  if (says === "not-found") return { kind: "not-found" };
  if (says === "not-yet" && isRefusal(outer.code, inner))
    return refusedCall(answer, { ...saidIn(answer), code: outer.code });
  if (says === "not-yet")
    return notYet(`code ${safeCode(outer.code ?? "")}, status ${safeCode(inner.code ?? inner.word ?? "")}`);
  const problems = collectProblems();
  const { receipt, ...payment } = paymentOf(details, request.kind, says, problems, request, "details.");
  const found = problems.found();
  if (found) return unreadableAnswer(found.problems);
  const refs: ProviderRefs = {
    ...(request.refs.transaction_ref !== undefined && { transaction_ref: request.refs.transaction_ref }),
    ...(receipt !== null && { receipt }),
  };
  const finding: Finding = { kind: request.kind, says, refs, identity: identityOfKyanda(refs), ...payment };
  return evidenceAnswer(finding);
}

/** A rejection of the check itself: nothing beside it speaks of the transaction. */
function isRefusal(code: string | null, inner: { code: string | null; word: string | null }): boolean {
  return (inner.code ?? inner.word) === null && code !== null && saysOfCode(code) === "failed";
}

/** An object, or a list of one. */
function innerOf(value: unknown): Record<string, unknown> {
  const only = Array.isArray(value) && value.length === 1 ? value[0] : value;
  return isObject(only) ? only : {};
}
