import type { Queryable, Sql } from "../database/connect.ts";
import type { Transaction } from "../domain/transaction.ts";
import { type TransactionRow, transactionFromRow } from "./transaction-row.ts";

/** A transaction by its id, or the transaction it was merged into. */
export async function findTransaction(sql: Sql, shard: number, id: string): Promise<Transaction | null> {
  const remaining = (await resolveMerged(sql, shard, [id])).get(id) ?? id;
  const [row] = await sql<TransactionRow[]>`select * from transactions where shard = ${shard} and id = ${remaining}`;
  return row ? transactionFromRow(row, sql.vault) : null;
}

/**
 * For each transaction that was merged, the one that it is part of now. Transactions that were not merged are left out.
 */
export async function resolveMerged(tx: Queryable, shard: number, ids: string[]): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await tx<{ id: string; remaining: string }[]>`
    with recursive way (id, at, next) as (
      select id, id, merged_into from transactions where shard = ${shard} and id = any(${ids}::uuid[])
      union all
      select way.id, t.id, t.merged_into from way join transactions t on t.shard = ${shard} and t.id = way.next
    )
    select id, at as remaining from way where next is null and at <> id`;
  return new Map(rows.map(row => [row.id, row.remaining]));
}
