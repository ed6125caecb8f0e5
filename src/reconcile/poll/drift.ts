import { isFinal, type Status } from "../../domain/kinds.ts";
import type { Transaction } from "../../domain/transaction.ts";
import type { StatusAnswer } from "../../providers/status.ts";

/** A finished transaction before and after its audit. */
type Audited = Pick<Transaction, "status" | "review">;

/**
 * Whether the provider says something else of a finished transaction now: its status changed by the answer, the answer
 * opened a review `conflict`, or it says the opposite where such a review is open already. `answer` is null where it
 * came as a callback.
 */
export function hasDrifted(before: Audited, after: Audited, answer: StatusAnswer | null): boolean {
  if (after.status !== before.status) return true;
  if (after.review?.reason !== "conflict") return false;
  return before.review?.reason !== "conflict" || (answer !== null && saysOtherwise(answer, before.status));
}

function saysOtherwise(answer: StatusAnswer, status: Status): boolean {
  if (answer.kind !== "evidence") return false;
  return answer.findings.some(({ says, provisional }) => !provisional && isFinal(says as Status) && says !== status);
}
