import type { ProviderResponse, Send } from "../call.ts";
import { fieldsOf } from "../kit/fields.ts";
import { collectProblems } from "../kit/problems.ts";
import { safeCode } from "../kit/safe-text.ts";
import { evidenceAnswer, lookedUp, notYet, unreadableAnswer } from "../kit/status-answers.ts";
import type { PollNeeds, PollRequest, StatusAnswer, StatusCall } from "../status.ts";
import { findingOf } from "./result.ts";

const byId: PollNeeds = { credentials: [["client_id", "client_secret"]], refs: ["k2_id"] };

/** A look-up of one push, or of money sent, by Kopo Kopo's id. Payments to a till have none: a pull finds them. */
export const status: StatusCall = {
  kinds: { stk_push: byId, mobile_payout: byId, bank_payout: byId },
  ratePerMinute: { sandbox: 60, production: 60 },
  poll: pollKopokopo,
  readDeferredAnswer: null,
};

async function pollKopokopo(request: PollRequest, send: Send): Promise<StatusAnswer> {
  const resource = request.kind === "stk_push" ? "incoming_payments" : "send_money";
  const path = `/api/v2/${resource}/${encodeURIComponent(idOf(request))}`;
  const answer = await send({ method: "GET", path, headers: { accept: "application/json" }, auth: "bearer" });
  return answer.kind === "answer" ? readStatus(answer, request) : answer;
}

/** Exported for tests. Never throws. */
export function readStatus(answer: ProviderResponse, request: PollRequest): StatusAnswer {
  const found = lookedUp(answer, request.now);
  if (found.kind !== "body") return found;
  const problems = collectProblems();
  const finding = findingOf(request.kind, fieldsOf(found.body)("data"), problems, request);
  const unreadable = problems.found();
  if (unreadable) return unreadableAnswer(unreadable.problems);
  if (finding.refs.k2_id !== idOf(request)) return notYet("the answer is about another payment");
  return finding.says === "pending" ? notYet(`status ${safeCode(finding.result!.code)}`) : evidenceAnswer(finding);
}

function idOf({ refs }: Pick<PollRequest, "refs">): string {
  return (refs.k2_id ?? "").trim();
}
