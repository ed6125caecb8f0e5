import type { Sql, Tx } from "./connect.ts";

/** Start of the database transaction, in milliseconds: the time of all that the transaction writes. */
export async function transactionTime(tx: Tx): Promise<Date> {
  const [row] = await tx<{ now: Date }[]>`select date_trunc('milliseconds', now()) as now`;
  return row!.now;
}

/** The database's clock, in milliseconds: one clock for all processes, by which the latest of several decisions is found. */
export async function databaseTime(sql: Sql): Promise<Date> {
  const [row] = await sql<{ now: Date }[]>`select date_trunc('milliseconds', clock_timestamp()) as now`;
  return row!.now;
}
