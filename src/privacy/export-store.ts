import type { Sql } from "../database/connect.ts";
import type { Transaction } from "../domain/transaction.ts";
import { openBody } from "../outbox/fan-out-store.ts";
import { type TransactionRow, transactionFromRow } from "../settle/transaction-row.ts";

/** Transactions of a shard by id, oldest first. */
export async function transactionsById(sql: Sql, shard: number, ids: string[]): Promise<Transaction[]> {
  const rows = await sql<TransactionRow[]>`
    select * from transactions where shard = ${shard} and id = any(${ids}::uuid[]) order by id`;
  return rows.map(row => transactionFromRow(row, sql.vault));
}

/** The bodies of the events of transactions, oldest first. */
export async function eventsOfTransactions(sql: Sql, shard: number, ids: string[]): Promise<unknown[]> {
  const rows = await sql<{ id: string; sealed: Uint8Array | null; body: string | null }[]>`
    select id, sealed, body from events
    where shard = ${shard} and transaction_id = any(${ids}::uuid[]) order by id`;
  return rows.map(row => JSON.parse(openBody(row, sql.vault)));
}
