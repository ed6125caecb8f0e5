import type { Tx } from "../../database/connect.ts";
import type { Transaction } from "../../domain/transaction.ts";
import { type TransactionRow, transactionFromRow } from "../transaction-row.ts";
import type { Move } from "./key-store.ts";

/** Locks in id order, so that two batches do not deadlock. */
export async function lockTransactions(tx: Tx, shard: number, ids: string[]): Promise<Transaction[]> {
  if (ids.length === 0) return [];
  const rows = await tx<TransactionRow[]>`
    select * from transactions where shard = ${shard} and id = any(${ids}::uuid[]) order by id for update`;
  return rows.map(row => transactionFromRow(row, tx.vault));
}

/** Moves registrations, polls and starts of merged transactions to those they were merged into, for their timelines. */
export async function moveTimeline(tx: Tx, shard: number, moves: readonly Move[]): Promise<void> {
  if (moves.length === 0) return;
  for (const table of ["registrations", "polls", "starts"]) {
    await tx`
      update ${tx(table)} t set transaction_id = moved.into_id
      from unnest(${moves.map(m => m.from)}::uuid[], ${moves.map(m => m.into)}::uuid[]) as moved (from_id, into_id)
      where t.shard = ${shard} and t.transaction_id = moved.from_id`;
  }
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
