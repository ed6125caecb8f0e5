import type { Transaction } from "../../domain/transaction.ts";
import { differ } from "./group.ts";

/** What is known of a transaction when two of them turn out to share an id. */
export type MergeCandidate = { transaction: Transaction; keys: string[]; toldCompleted: boolean };

/** The transaction that keeps its id: the registered one, else the older. */
export function survivorFirst(a: MergeCandidate, b: MergeCandidate): number {
  const registered = Number(b.transaction.registered) - Number(a.transaction.registered);
  return registered || (a.transaction.id < b.transaction.id ? -1 : 1);
}

/**
 * Whether two transactions are one payment. Not where both were announced as completed (what was told cannot be taken back),
 * nor where each has an id of its own that the other cannot have: two pushes that claim one receipt.
 */
export function canMerge(a: MergeCandidate, b: MergeCandidate): boolean {
  return !(a.toldCompleted && b.toldCompleted) && !differ(a.keys, b.keys);
}
