import type { Finding } from "../../domain/evidence.ts";
import type { ProviderResponse } from "../call.ts";
import type { FieldProblem, NonEmpty } from "../provider.ts";
import type { StatusAnswer } from "../status.ts";
import { failureByStatus, isOk, jsonObjectOf, withoutBody } from "./response.ts";
import { refusedCall } from "./said.ts";

/** Answered, and not final. The reason is for people: codes and field names, never values. */
export function notYet(reason: string): StatusAnswer {
  return { kind: "not-yet", reason };
}

export function evidenceAnswer(finding: Finding): StatusAnswer {
  return { kind: "evidence", findings: [finding] };
}

/** An answer that says something final and something unreadable settles nothing: an amount must not go uncompared. */
export function unreadableAnswer(problems: NonEmpty<FieldProblem>): StatusAnswer {
  return notYet(`the answer cannot be read: ${problems.map(({ path, message }) => `${path}: ${message}`).join("; ")}`);
}

/**
 * The JSON object that a look-up of one transaction by a bearer was answered with; else what the answer says. A 404 in
 * the provider's own words is a transaction that it does not know, or not yet: never a failure.
 */
export function lookedUp(
  answer: ProviderResponse,
  now: Date,
): { kind: "body"; body: Record<string, unknown> } | StatusAnswer {
  const failure = failureByStatus(answer, now, true);
  if (failure) return failure;
  const body = jsonObjectOf(answer);
  if (body === null) return withoutBody(answer);
  if (answer.status === 404) return { kind: "not-found" };
  return isOk(answer) ? { kind: "body", body } : refusedCall(answer);
}
