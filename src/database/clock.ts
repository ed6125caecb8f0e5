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

/**
 * The database's time from `at` on, advanced by this process's monotonic clock: for work that begins with the
 * database's `now()`.
 */
export function clockFrom(at: Date): () => Date {
  const startedMs = performance.now();
  return () => new Date(at.getTime() + performance.now() - startedMs);
}
