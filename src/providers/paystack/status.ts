import type { Finding } from "../../domain/evidence.ts";
import { kinds } from "../../domain/kinds.ts";
import type { ProviderResponse, Send } from "../call.ts";
import { fieldsOf } from "../kit/fields.ts";
import { collectProblems } from "../kit/problems.ts";
import { failureByStatus, isOk, jsonObjectOf, withoutBody } from "../kit/response.ts";
import { safeCode } from "../kit/safe-text.ts";
import { refusedCall } from "../kit/said.ts";
import { evidenceAnswer, notYet, unreadableAnswer } from "../kit/status-answers.ts";
import { saysOf } from "../kit/status-table.ts";
import { idOf, textOf } from "../kit/text.ts";
import type { Credentials } from "../provider.ts";
import type { PollNeeds, PollRequest, StatusAnswer, StatusCall } from "../status.ts";
import { identityOfPaystack } from "./identity.ts";
import { saysByStatus } from "./statuses.ts";
import { chargeFacts, transferFacts } from "./transaction.ts";

const verification: PollNeeds = { credentials: [["secret_key"]], refs: ["transaction_reference"] };

/** Verifies one charge or one transfer by its reference. */
export const status: StatusCall = {
  kinds: { checkout: verification, payment: verification, mobile_payout: verification, bank_payout: verification },
  ratePerMinute: { sandbox: 60, production: 60 },
  async poll(request, send) {
    const path = `${isIn(request) ? "/transaction" : "/transfer"}/verify/${encodeURIComponent(referenceOf(request))}`;
    return await ask(path, request, send);
  },
  readDeferredAnswer: null,
};

/** The secret key itself is the bearer token. */
export function authorized({ secret_key }: Credentials): Record<string, string> {
  return { accept: "application/json", authorization: `Bearer ${(secret_key ?? "").trim()}` };
}

async function ask(path: string, request: PollRequest, send: Send): Promise<StatusAnswer> {
  const answer = await send({ method: "GET", path, headers: authorized(request.credentials) });
  return answer.kind === "answer" ? readVerification(answer, request) : answer;
}

/** Exported for tests. Never throws. The status at the root says only that the call worked. */
export function readVerification(answer: ProviderResponse, request: PollRequest): StatusAnswer {
  const failure = failureByStatus(answer, request.now, false);
  if (failure) return failure;
  const body = jsonObjectOf(answer);
  if (body === null) return withoutBody(answer);
  // Both are answered to a reference that Paystack does not know [code].
  if (answer.status === 404 || answer.status === 400) return { kind: "not-found" };
  if (!isOk(answer)) return refusedCall(answer);
  const data = fieldsOf(body)("data");
  const field = fieldsOf(data);
  const polled = referenceOf(request);
  if (idOf(field("reference")) !== polled) return notYet("the answer is about another reference");
  const word = textOf(field("status")) ?? "";
  const says = saysOf(saysByStatus, word, "pending");
  if (says === "pending") return notYet(`status ${safeCode(word)}`);
  const problems = collectProblems();
  const facts = isIn(request) ? chargeFacts(data, "data.", problems, request) : transferFacts(data, "data.", problems);
  const found = problems.found();
  if (found) return unreadableAnswer(found.problems);
  const refs = { transaction_reference: polled };
  const finding: Finding = {
    kind: request.kind,
    says,
    refs,
    identity: identityOfPaystack(request.kind, refs),
    result: { code: word, description: textOf(field("gateway_response", "message", "reason")) ?? word },
    ...facts,
  };
  return evidenceAnswer(finding);
}

function isIn({ kind }: Pick<PollRequest, "kind">): boolean {
  return kinds[kind].direction === "in";
}

function referenceOf({ refs }: Pick<PollRequest, "refs">): string {
  return (refs.transaction_reference ?? "").trim();
}
