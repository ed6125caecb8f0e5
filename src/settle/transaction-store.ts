import type { Sql, Tx } from "../database/connect.ts";
import type { Transaction } from "../domain/transaction.ts";
import { type TransactionRow, transactionFromRow } from "./transaction-row.ts";

/** A transaction by its id, or the one that took it in. */
export async function findTransaction(sql: Sql, shard: number, id: string): Promise<Transaction | null> {
  const survivor = (await resolveMerged(sql, shard, [id])).get(id) ?? id;
  const [row] = await sql<TransactionRow[]>`select * from transactions where shard = ${shard} and id = ${survivor}`;
  return row ? transactionFromRow(row) : null;
}

/** Where transactions that were merged went in the end; those that were not are left out. */
export async function resolveMerged(tx: Tx | Sql, shard: number, ids: string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await tx<{ id: string; survivor: string }[]>`
    with recursive way (id, at, next) as (
      select id, id, merged_into from transactions where shard = ${shard} and id = any(${ids}::uuid[])
      union all
      select way.id, t.id, t.merged_into from way join transactions t on t.shard = ${shard} and t.id = way.next
    )
    select id, at as survivor from way where next is null and at <> id`;
  return new Map(rows.map(row => [row.id, row.survivor]));
}
