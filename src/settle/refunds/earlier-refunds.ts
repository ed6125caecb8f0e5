import type { OwnedBatch } from "../match/find-owners.ts";
import { isReceipt } from "../match/identity-keys.ts";
import type { TransactionUpdate } from "../match/transaction-update.ts";
import { refundEvidence } from "./refund-evidence.ts";
import { type Reversal, reversalsOfReceipts } from "./reversals-store.ts";

/**
 * The completed reversals of the receipts that a batch learns. After the receipts' keys were claimed: `receiptOwners`
 * says why.
 */
export async function completedReversalsOf({ tx, shard, groups }: OwnedBatch): Promise<Reversal[]> {
  const receipts = groups.flatMap(group =>
    [...new Set(group.evidence.flatMap(e => e.identity))]
      .filter(isReceipt)
      .map(receipt => ({ connectionId: group.connection.id, receipt })),
  );
  return receipts.length === 0 ? [] : await reversalsOfReceipts(tx, shard, receipts);
}

/** Adds the refund to each payment whose reversal completed before the payment was known. */
export function addEarlierRefunds(updates: TransactionUpdate[], reversals: Reversal[], now: Date): void {
  for (const reversal of reversals) {
    const payment = updates.find(
      ({ connection, before, fresh }) =>
        connection.id === reversal.connectionId &&
        before.id !== reversal.transactionId &&
        !fresh.some(e => e.duplicateOf !== undefined) &&
        fresh.some(e => e.identity.includes(reversal.receipt)),
    );
    payment?.fresh.push(refundEvidence(payment.before, reversal, now));
  }
}
