import { haveConflictingIds } from "./identity-keys.ts";
import type { TransactionUpdate } from "./transaction-update.ts";

/** A transaction that shares an id with another one. */
export type MergeCandidate = {
  update: TransactionUpdate;
  /** Its identity keys, those of transactions merged into it included. */
  keys: string[];
  /** Whether its `payment.completed` was sent, or that of a transaction merged into it. */
  announcedCompleted: boolean;
};

/** First the transaction that keeps its id in a merge: the registered one, else the older. */
export function keepsIdFirst(a: MergeCandidate, b: MergeCandidate): number {
  const [{ before: one }, { before: other }] = [a.update, b.update];
  return Number(other.registered) - Number(one.registered) || (one.id < other.id ? -1 : 1);
}

/**
 * Whether two transactions are one payment. Not where `payment.completed` was sent for both, since a sent event cannot
 * be taken back, and not where their unique ids conflict: two pushes that claim one receipt.
 */
export function canMerge(a: MergeCandidate, b: MergeCandidate): boolean {
  return !(a.announcedCompleted && b.announcedCompleted) && !haveConflictingIds(a.keys, b.keys);
}
