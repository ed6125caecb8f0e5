import type { Tx } from "../../database/connect.ts";
import type { Transaction } from "../../domain/transaction.ts";
import { type TransactionRow, transactionFromRow } from "../transaction-row.ts";

/** Locks in id order, so that two batches do not deadlock. */
export async function lockTransactions(tx: Tx, shard: number, ids: string[]): Promise<Transaction[]> {
  if (ids.length === 0) return [];
  const rows = await tx<TransactionRow[]>`
    select * from transactions where shard = ${shard} and id = any(${ids}::uuid[]) order by id for update`;
  return rows.map(row => transactionFromRow(row, tx.vault));
}

/** Gives the registrations and polls of a merged transaction to the one it was merged into, for its timeline. */
export async function moveTimeline(tx: Tx, shard: number, from: string, into: string): Promise<void> {
  await tx`
    update registrations set transaction_id = ${into} where shard = ${shard} and transaction_id = ${from}`;
  await tx`update polls set transaction_id = ${into} where shard = ${shard} and transaction_id = ${from}`;
}

/** The transactions of which events exist, by id, and whether `payment.completed` is among the events. */
export async function announcedAmong(
  tx: Tx,
  shard: number,
  ids: string[],
): Promise<ReadonlyMap<string, { completed: boolean }>> {
  const rows = await tx<{ transaction_id: string; completed: boolean }[]>`
    select transaction_id, bool_or(type = 'payment.completed') as completed
    from events where shard = ${shard} and transaction_id = any(${ids}::uuid[]) group by transaction_id`;
  return new Map(rows.map(row => [row.transaction_id, { completed: row.completed }]));
}
