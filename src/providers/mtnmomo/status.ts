import type { Finding, Says } from "../../domain/evidence.ts";
import type { ProviderResponse, Send } from "../call.ts";
import { countryOf } from "../kit/country.ts";
import { fieldsOf, isObject } from "../kit/fields.ts";
import { identityOf } from "../kit/identity.ts";
import { collectProblems } from "../kit/problems.ts";
import { isProvisional } from "../kit/provisional-failure.ts";
import { safeCode } from "../kit/safe-text.ts";
import { shownPhone } from "../kit/shown-phone.ts";
import { evidenceAnswer, lookedUp, notYet, unreadableAnswer } from "../kit/status-answers.ts";
import { saysOf } from "../kit/status-table.ts";
import { present, textOf } from "../kit/text.ts";
import type { PollNeeds, PollRequest, StatusAnswer, StatusCall } from "../status.ts";
import { type MtnProduct, needsOf, pathOf, productOf, subscriptionKey } from "./products.ts";
import { doubtfulReason, reasonCodeOf, saysByReason, saysByStatus } from "./reasons.ts";
import { noTargetEnvironment, targetEnvironment } from "./target-environment.ts";

const identity = identityOf("reference_id");
const polledAt = (product: MtnProduct): PollNeeds => ({ credentials: needsOf(product), refs: ["reference_id"] });

/** Asks about one payment by the reference id that it was started with. */
export const status: StatusCall = {
  kinds: {
    checkout: polledAt("collection"),
    payment: polledAt("collection"),
    mobile_payout: polledAt("disbursement"),
  },
  ratePerMinute: { sandbox: 60, production: 60 },
  poll: pollMtn,
  readDeferredAnswer: null,
};

async function pollMtn(request: PollRequest, send: Send): Promise<StatusAnswer> {
  const product = productOf(request.kind);
  const target = targetEnvironment(request);
  if (target === null) return { kind: "refused", code: null, reason: noTargetEnvironment };
  const answer = await send({
    method: "GET",
    path: `${pathOf[product]}/${encodeURIComponent((request.refs.reference_id ?? "").trim())}`,
    headers: {
      accept: "application/json",
      "x-target-environment": target,
      ...subscriptionKey(product, request.credentials),
    },
    auth: { token: product },
  });
  return answer.kind === "answer" ? readStatus(answer, request) : answer;
}

/** Exported for tests. Never throws. */
export function readStatus(answer: ProviderResponse, request: PollRequest): StatusAnswer {
  const found = lookedUp(answer, request.now);
  if (found.kind !== "body") return found;
  const field = fieldsOf(found.body);
  const word = textOf(field("status")) ?? "";
  const reason = reasonCodeOf(field("reason"));
  const says = saysOfPayment(word, reason);
  if (says === "pending") return notYet(`status ${safeCode(word)}`);
  const problems = collectProblems();
  const amount = problems.amount("amount", field("amount"), textOf(field("currency")));
  const unreadable = problems.found();
  if (unreadable) return unreadableAnswer(unreadable.problems);
  const refs = { reference_id: (request.refs.reference_id ?? "").trim() };
  const code = says === "completed" ? word : (reason ?? word);
  const details = present({
    financial_transaction_id: field("financialTransactionId"),
    failure_reason: says === "completed" ? null : reason,
  });
  const finding: Finding = {
    kind: request.kind,
    says,
    refs,
    identity: identity(refs),
    result: { code, description: messageOf(field("reason")) ?? code },
    ...(amount && { amount }),
    ...shownPhone(walletOf(field("payer", "payee")), countryOf(request, "")),
    ...(details && { details }),
    ...(reason === doubtfulReason && isProvisional(says, request) && { provisional: true }),
  };
  return evidenceAnswer(finding);
}

function saysOfPayment(word: string, reason: string | null): Says {
  const says = saysOf(saysByStatus, word, "pending");
  return says === "failed" && reason !== null ? saysOf(saysByReason, reason, "failed") : says;
}

function messageOf(reason: unknown): string | null {
  return isObject(reason) ? textOf(fieldsOf(reason)("message")) : null;
}

function walletOf(party: unknown): unknown {
  const field = fieldsOf(party);
  return textOf(field("partyIdType"))?.toUpperCase() === "MSISDN" ? field("partyId") : null;
}
