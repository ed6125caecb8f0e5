import type { Sql } from "../database/connect.ts";
import type { Transaction } from "../domain/transaction.ts";
import { resolveMerged } from "./match/resolve-merged.ts";
import { type TransactionRow, transactionFromRow } from "./transaction-row.ts";

/** A transaction by its id, or the one that took it in. */
export async function findTransaction(sql: Sql, shard: number, id: string): Promise<Transaction | null> {
  const survivor = (await resolveMerged(sql, shard, [id])).get(id) ?? id;
  const [row] = await sql<TransactionRow[]>`select * from transactions where shard = ${shard} and id = ${survivor}`;
  return row ? transactionFromRow(row) : null;
}

/** The database's clock, in milliseconds: what the latest word of an operator is judged by. */
export async function clockOf(sql: Sql): Promise<Date> {
  const [row] = await sql<{ now: Date }[]>`select date_trunc('milliseconds', clock_timestamp()) as now`;
  return row!.now;
}
