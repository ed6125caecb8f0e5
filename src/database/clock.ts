import type { Sql, Tx } from "./connect.ts";

/** The database's clock: what `created_at`, `updated_at` and a review's `since` are made of. */
export async function databaseNow(tx: Tx): Promise<Date> {
  const [row] = await tx<{ now: Date }[]>`select date_trunc('milliseconds', now()) as now`;
  return row!.now;
}

/** The database's clock, in milliseconds: what the latest word of an operator is judged by. */
export async function clockOf(sql: Sql): Promise<Date> {
  const [row] = await sql<{ now: Date }[]>`select date_trunc('milliseconds', clock_timestamp()) as now`;
  return row!.now;
}
