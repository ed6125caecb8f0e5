import type { Finding } from "../../domain/evidence.ts";
import { kinds } from "../../domain/kinds.ts";
import type { ProviderResponse, Send } from "../call.ts";
import { fieldsAt, fieldsOf } from "../kit/fields.ts";
import { failureByStatus, isOk, jsonObjectOf, withoutBody } from "../kit/response.ts";
import { safeCode } from "../kit/safe-text.ts";
import { refusedCall } from "../kit/said.ts";
import { evidenceAnswer, notYet } from "../kit/status-answers.ts";
import { saysOf } from "../kit/status-table.ts";
import { idOf, present, textOf } from "../kit/text.ts";
import type { PollNeeds, PollRequest, StatusAnswer, StatusCall } from "../status.ts";
import { marketHeaders } from "./home-country.ts";
import { airtelIdOf, identityOfAirtel } from "./identity.ts";
import { saysByStatus } from "./statuses.ts";

const byOwnId: PollNeeds = { credentials: [["client_id", "client_secret"]], refs: ["transaction_id"] };

/** A look-up by the merchant's own id. The answer names no amount: the registration's stands. */
export const status: StatusCall = {
  kinds: { checkout: byOwnId, payment: byOwnId, mobile_payout: byOwnId },
  ratePerMinute: { sandbox: 60, production: 60 },
  poll: pollAirtel,
  readDeferredAnswer: null,
};

async function pollAirtel(request: PollRequest, send: Send): Promise<StatusAnswer> {
  const id = encodeURIComponent((request.refs.transaction_id ?? "").trim());
  const isOut = kinds[request.kind].direction === "out";
  const path = isOut ? `/standard/v2/disbursements/${id}?transactionType=B2C` : `/standard/v1/payments/${id}`;
  const answer = await send({ method: "GET", path, headers: marketHeaders(request), auth: "bearer" });
  return answer.kind === "answer" ? readStatus(answer, request) : answer;
}

/** The transaction is not known, or not yet. */
const unknownTransaction = "ESB000045";

/** Exported for tests. Never throws. Only a transaction's own status ends it: `status.success` is the call's. */
export function readStatus(answer: ProviderResponse, request: PollRequest): StatusAnswer {
  const failure = failureByStatus(answer, request.now, true);
  if (failure) return failure;
  const body = jsonObjectOf(answer);
  if (body === null) return withoutBody(answer);
  const call = fieldsOf(fieldsOf(body)("status"));
  const resultCode = textOf(call("result_code")) ?? "";
  if (resultCode === unknownTransaction || answer.status === 404) return { kind: "not-found" };
  if (!isOk(answer)) return refusedCall(answer);
  const field = fieldsAt(body, "data", "transaction");
  const word = textOf(field("status")) ?? "";
  const polled = (request.refs.transaction_id ?? "").trim();
  const told = idOf(field("id"));
  if (told !== null && told !== polled) return notYet("the answer is about another transaction");
  const says = saysOf(saysByStatus, word, "pending");
  if (says === "pending") return notYet(`status ${safeCode(word)}, code ${safeCode(resultCode)}`);
  const refs = { transaction_id: polled, ...airtelIdOf(field("airtel_money_id")) };
  const responseCode = textOf(call("response_code"));
  const details = present({ response_code: responseCode });
  const finding: Finding = {
    kind: request.kind,
    says,
    refs,
    identity: identityOfAirtel(refs),
    result: { code: word, description: textOf(field("message")) ?? word },
    ...(details && { details }),
  };
  return evidenceAnswer(finding);
}
