import { ownEvidence } from "../own-evidence.ts";
import type { MergeCandidate } from "./can-merge.ts";
import { isReceipt } from "./identity-keys.ts";

/**
 * Marks one of two transactions that share a receipt and cannot be merged as the duplicate of the other: the one that
 * does not own the receipt's key learnt it later. The mark is evidence, so that `decide` asks for a review.
 */
export function markDuplicateReceipt(a: MergeCandidate, b: MergeCandidate, keys: Iterable<string>, now: Date): void {
  const receipts = [...keys].filter(isReceipt);
  const ownsReceipt = (candidate: MergeCandidate) => receipts.some(key => candidate.keys.includes(key));
  const [first, later] = ownsReceipt(b) && !ownsReceipt(a) ? [b, a] : [a, b];
  const { before: transaction, known, fresh } = later.update;
  const duplicateOf = first.update.before.id;
  const mark = ownEvidence(`duplicate|${transaction.id}|${duplicateOf}`, transaction.kind, now);
  if (!known.some(e => e.id === mark.id)) fresh.push({ ...mark, duplicateOf });
}
