import type { Queryable, Tx } from "./connect.ts";

/** Start of the database transaction, in milliseconds: the time of all that the transaction writes. */
export async function transactionTime(tx: Tx): Promise<Date> {
  const [row] = await tx<{ now: Date }[]>`select date_trunc('milliseconds', now()) as now`;
  return row!.now;
}

/**
 * The database's clock, in milliseconds: one clock for all processes, by which the latest of several decisions is
 * found.
 */
export async function databaseTime(sql: Queryable): Promise<Date> {
  const [row] = await sql<{ now: Date }[]>`select date_trunc('milliseconds', clock_timestamp()) as now`;
  return row!.now;
}

/**
 * The database's time from `at` on, advanced by this process's monotonic clock: for work that begins with the
 * database's `now()`.
 */
export function clockFrom(at: Date): () => Date {
  const startedMs = performance.now();
  return () => new Date(at.getTime() + performance.now() - startedMs);
}
