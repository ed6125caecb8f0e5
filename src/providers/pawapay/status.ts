import type { ProviderResponse, Send } from "../call.ts";
import { fieldsOf } from "../kit/fields.ts";
import { collectProblems } from "../kit/problems.ts";
import { failureByStatus, isOk, jsonObjectOf, withoutBody } from "../kit/response.ts";
import { safeCode } from "../kit/safe-text.ts";
import { refusedCall } from "../kit/said.ts";
import { evidenceAnswer, notYet, unreadableAnswer } from "../kit/status-answers.ts";
import { textOf } from "../kit/text.ts";
import type { Credentials } from "../provider.ts";
import type { PollNeeds, PollRequest, StatusAnswer, StatusCall } from "../status.ts";
import { findingOf } from "./payment.ts";
import { type PawapayProduct, productOf, products } from "./products.ts";

const polledBy = (product: PawapayProduct): PollNeeds => ({
  credentials: [["api_token"]],
  refs: [products[product].ref],
});

/** A look-up of one deposit, payout or refund. */
export const status: StatusCall = {
  kinds: {
    checkout: polledBy("deposits"),
    payment: polledBy("deposits"),
    mobile_payout: polledBy("payouts"),
    reversal: polledBy("refunds"),
  },
  ratePerMinute: { sandbox: 60, production: 60 },
  poll: pollPawapay,
  readDeferredAnswer: null,
};

export function authorized({ api_token }: Credentials): Record<string, string> {
  return { accept: "application/json", authorization: `Bearer ${(api_token ?? "").trim()}` };
}

async function pollPawapay(request: PollRequest, send: Send): Promise<StatusAnswer> {
  const product = productOf(request.kind);
  const path = `/v2/${product}/${encodeURIComponent(idOf(request))}`;
  const answer = await send({ method: "GET", path, headers: authorized(request.credentials) });
  return answer.kind === "answer" ? readStatus(answer, request) : answer;
}

/** Exported for tests. Never throws. Answered 200 always: `FOUND` with `data`, or `NOT_FOUND`. */
export function readStatus(answer: ProviderResponse, request: PollRequest): StatusAnswer {
  const failure = failureByStatus(answer, request.now, false);
  if (failure) return failure;
  const body = jsonObjectOf(answer);
  if (body === null) return withoutBody(answer);
  if (!isOk(answer)) return refusedCall(answer);
  const field = fieldsOf(body);
  const found = textOf(field("status"))?.toUpperCase() ?? "";
  if (found === "NOT_FOUND") return { kind: "not-found" };
  if (found !== "FOUND") return notYet(`status ${safeCode(found)}`);
  const product = productOf(request.kind);
  const problems = collectProblems();
  const finding = findingOf(product, request.kind, field("data"), problems, request);
  const unread = problems.found();
  if (unread) return unreadableAnswer(unread.problems);
  if (finding.refs[products[product].ref] !== idOf(request)) return notYet("the answer is about another id");
  return finding.says === "pending" ? notYet(`status ${safeCode(finding.result!.code)}`) : evidenceAnswer(finding);
}

function idOf({ kind, refs }: Pick<PollRequest, "kind" | "refs">): string {
  return (refs[products[productOf(kind)].ref] ?? "").trim();
}
