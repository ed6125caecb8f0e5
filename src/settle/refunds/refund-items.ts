import { isSameMoney } from "../../domain/money.ts";
import type { TransactionChange } from "../apply/transaction-change.ts";
import type { WrittenBatch } from "../apply/write-changes.ts";
import { type SettleItem, settleItem } from "../item.ts";
import { receiptKey } from "../match/identity-keys.ts";
import { refundEvidence } from "./refund-evidence.ts";
import { type Reversal, receiptOwners, upsertReversals } from "./reversals-store.ts";

/**
 * Stores the reversals that completed in a batch, and returns the refunds of their payments as items to settle next.
 */
export async function refundItems({ tx, shard, changes, now }: WrittenBatch): Promise<SettleItem[]> {
  const completed = changes.filter(hasJustReversed);
  const reversals = completed.flatMap(reversalsBy);
  if (reversals.length === 0) return [];
  await upsertReversals(tx, shard, reversals);
  const owners = await receiptOwners(tx, shard, reversals);
  const connections = new Map(completed.map(({ update: { connection } }) => [connection.id, connection]));
  return reversals.flatMap(reversal => {
    const payment = owners.find(o => o.connectionId === reversal.connectionId && o.key === reversal.receipt);
    if (payment === undefined || payment.transactionId === reversal.transactionId) return [];
    const evidence = [refundEvidence({ id: payment.transactionId, kind: "c2b" }, reversal, now)];
    return [settleItem(connections.get(reversal.connectionId)!, { target: payment.transactionId, evidence })];
  });
}

/** Whether a reversal completed in this batch, or gives back another amount than before it. */
function hasJustReversed({ update: { isNew, before }, after }: TransactionChange): boolean {
  if (after.kind !== "reversal" || after.status !== "completed") return false;
  const isSame =
    before.amount && after.amount ? isSameMoney(before.amount, after.amount) : before.amount === after.amount;
  return isNew || before.status !== "completed" || before.statusSource !== after.statusSource || !isSame;
}

function reversalsBy({ update, after }: TransactionChange): Reversal[] {
  const successes = [...update.known, ...update.fresh].filter(e => e.says === "completed");
  const receipts = new Set(successes.flatMap(e => e.reverses ?? []));
  const strength = successes.find(e => e.source === after.statusSource)?.strength ?? "hint";
  return [...receipts].map(receipt => ({
    connectionId: after.connectionId,
    receipt: receiptKey(receipt.trim().toUpperCase()),
    transactionId: after.id,
    source: after.statusSource,
    strength,
    amount: after.amount,
  }));
}
