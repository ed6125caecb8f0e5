import type { Finding } from "../../domain/evidence.ts";
import type { ProviderResponse, Send } from "../call.ts";
import { countryOf } from "../kit/country.ts";
import { fieldsOf } from "../kit/fields.ts";
import { identityOf } from "../kit/identity.ts";
import { collectProblems } from "../kit/problems.ts";
import { failureByStatus, isOk, jsonObjectOf, withoutBody } from "../kit/response.ts";
import { safeCode } from "../kit/safe-text.ts";
import { refusedCall, saidIn } from "../kit/said.ts";
import { shownPhone } from "../kit/shown-phone.ts";
import { evidenceAnswer, notYet, unreadableAnswer } from "../kit/status-answers.ts";
import { type StatusTable, saysOf } from "../kit/status-table.ts";
import { present, receiptOf, shortTextOf, textOf } from "../kit/text.ts";
import type { PollNeeds, PollRequest, StatusAnswer, StatusCall } from "../status.ts";
import { homeCountry } from "./home-country.ts";

const identity = identityOf("order_tracking_id", "receipt");
const order: PollNeeds = { credentials: [["consumer_key", "consumer_secret"]], refs: ["order_tracking_id"] };

/** A look-up of one order. */
export const status: StatusCall = {
  kinds: { checkout: order, payment: order },
  ratePerMinute: { sandbox: 60, production: 60 },
  poll: pollPesapal,
  readDeferredAnswer: null,
};

/**
 * `payment_status_description`. "Invalid" is an order that was not paid yet. The numbers beside it are not used: two
 * lists of them disagree.
 */
export const saysByStatus = {
  completed: "completed",
  failed: "failed",
  reversed: "refunded",
  invalid: "pending",
  pending: "pending",
} as const satisfies StatusTable;

/** Before any attempt to pay. */
const noPaymentYet = "payment_details_not_found";

async function pollPesapal(request: PollRequest, send: Send): Promise<StatusAnswer> {
  const query = new URLSearchParams({ orderTrackingId: (request.refs.order_tracking_id ?? "").trim() });
  const path = `/api/Transactions/GetTransactionStatus?${query}`;
  const answer = await send({ method: "GET", path, headers: { accept: "application/json" }, auth: "bearer" });
  return answer.kind === "answer" ? readStatus(answer, request) : answer;
}

/** Exported for tests. Never throws. */
export function readStatus(answer: ProviderResponse, request: PollRequest): StatusAnswer {
  const body = jsonObjectOf(answer);
  const field = fieldsOf(body);
  const errorCode = textOf(fieldsOf(field("error"))("code"));
  // Told with HTTP 200 and with errors of the server alike.
  if (errorCode === noPaymentYet) return { kind: "not-found" };
  const failure = failureByStatus(answer, request.now, true);
  if (failure) return failure;
  if (body === null) return withoutBody(answer);
  if (!isOk(answer) || errorCode !== null) return refusedCall(answer, { ...saidIn(answer), code: errorCode });
  const word = textOf(field("payment_status_description")) ?? "";
  const says = saysOf(saysByStatus, word, "pending");
  if (says === "pending") return notYet(`status ${safeCode(word)}`);
  const problems = collectProblems();
  const amount = problems.amount("amount", field("amount"), textOf(field("currency")));
  const found = problems.found();
  if (found) return unreadableAnswer(found.problems);
  // Failed tries have a code too, which is no receipt.
  const tryId = receiptOf(field("confirmation_code"));
  const receipt = says === "failed" ? null : tryId;
  const refs = {
    order_tracking_id: (request.refs.order_tracking_id ?? "").trim(),
    ...(receipt !== null && { receipt }),
  };
  const reference = shortTextOf(field("merchant_reference"));
  const description = textOf(field("description")) ?? word;
  const details = present({
    payment_method: field("payment_method"),
    failure_reason: says === "failed" ? field("description") : null,
  });
  const finding: Finding = {
    kind: request.kind,
    says,
    refs,
    identity: identity(refs),
    result: { code: word, description },
    ...(amount && { amount }),
    ...shownPhone(field("payment_account"), countryOf(request, homeCountry)),
    ...(reference !== null && { reference }),
    ...(details && { details }),
    ...(tryId !== null && { tryId }),
  };
  return evidenceAnswer(finding);
}
