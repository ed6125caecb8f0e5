import { addEarlierRefunds, completedReversalsOf } from "../refunds/earlier-refunds.ts";
import type { OwnedBatch } from "./find-owners.ts";
import { type MergeResult, mergeTransactions } from "./merge-transactions.ts";

/** A batch with every transaction that it changes, locked. */
export type MergedBatch = OwnedBatch & MergeResult;

/**
 * Stage 4: locks the transactions and merges those that are one payment. A payment whose reversal completed before the
 * payment was known learns of the refund here.
 */
export async function lockAndMerge(batch: OwnedBatch): Promise<MergedBatch> {
  const [result, reversals] = await Promise.all([mergeTransactions(batch), completedReversalsOf(batch)]);
  addEarlierRefunds(result.updates, reversals, batch.now);
  return { ...batch, ...result };
}
