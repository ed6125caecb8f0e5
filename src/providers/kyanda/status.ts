import type { Finding } from "../../domain/evidence.ts";
import type { ProviderRefs } from "../../domain/kinds.ts";
import type { ProviderCall, ProviderResponse, Send } from "../call.ts";
import { isOk, objectIn } from "../kit/answered.ts";
import { fieldsOf, isObject } from "../kit/fields.ts";
import { codeWord } from "../kit/own-words.ts";
import { postJson } from "../kit/post-json.ts";
import { collectProblems } from "../kit/problems.ts";
import { notReadable, notYet, told } from "../kit/status-answers.ts";
import type { PollNeeds, PollRequest, StatusAnswer, StatusCall } from "../provider.ts";
import { saysOfCheck } from "./check-codes.ts";
import { identityOfKyanda } from "./ipn.ts";
import { paymentOf, verdictOf } from "./payment.ts";
import { signatureOf } from "./signature.ts";
import { troubleIn } from "./trouble.ts";

const askable: PollNeeds = { credentials: [["merchant_id", "api_key"]], refs: ["transaction_ref"] };

/** The transaction check: a signed look-up of one reference. */
export const status: StatusCall = {
  kinds: {
    checkout: askable,
    payment: askable,
    bill: askable,
    airtime: askable,
    pin_airtime: askable,
    data_bundle: askable,
    mobile_payout: askable,
    bank_payout: askable,
    b2b: askable,
    upi: askable,
  },
  ratePerMinute: { sandbox: 60, production: 60 },
  poll: askKyanda,
  readDeferredAnswer: null,
};

async function askKyanda(question: PollRequest, send: Send): Promise<StatusAnswer> {
  const answer = await send(checkCall(question));
  return answer.kind === "answer" ? readCheck(answer, question) : answer;
}

function checkCall({ credentials, refs }: PollRequest): ProviderCall {
  const merchantId = (credentials.merchant_id ?? "").trim();
  const transactionRef = (refs.transaction_ref ?? "").trim();
  const signature = signatureOf(credentials, merchantId, transactionRef);
  const body = { MerchantID: merchantId, transactionRef, signature };
  return postJson("/billing/v1/transaction-check", body, { headers: { apiKey: (credentials.api_key ?? "").trim() } });
}

/** Exported for tests. The outer code is the query's, the one in `details` the transaction's; never throws. */
export function readCheck(answer: ProviderResponse, question: PollRequest): StatusAnswer {
  const body = objectIn(answer);
  const outer = verdictOf(fieldsOf(body));
  const details = innerOf(fieldsOf(body)("details"));
  const inner = verdictOf(fieldsOf(details));
  // Beside a transaction's own status the outer code may be the transaction's, too.
  const isAnswered = isOk(answer) && (inner.code ?? inner.word) !== null;
  const trouble = isAnswered ? null : troubleIn(answer, outer.code, question.now);
  if (trouble) return trouble;
  const says = saysOfCheck(outer, inner);
  if (says === "not-found") return { kind: "not-found" };
  if (says === "not-yet")
    return notYet(`code ${codeWord(outer.code ?? "")}, status ${codeWord(inner.code ?? inner.word ?? "")}`);
  const problems = collectProblems();
  const { receipt, ...payment } = paymentOf(details, question.kind, says, problems, "details.");
  const found = problems.found();
  if (found) return notReadable(found.problems);
  const refs: ProviderRefs = {
    ...(question.refs.transaction_ref !== undefined && { transaction_ref: question.refs.transaction_ref }),
    ...(receipt !== null && { receipt }),
  };
  const finding: Finding = { kind: question.kind, says, refs, identity: identityOfKyanda(refs), ...payment };
  return told(finding);
}

/** An object, or a list of one. */
function innerOf(value: unknown): Record<string, unknown> {
  const only = Array.isArray(value) && value.length === 1 ? value[0] : value;
  return isObject(only) ? only : {};
}
