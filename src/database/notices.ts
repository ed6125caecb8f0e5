import type { Sql } from "./connect.ts";

/** What processes tell each other through the database: that a cache is stale, that there is something to read. Only hints. */
export type Notice = { connectionId?: string; endpointId?: string; merchantId?: string; inbox?: number[] };

const channel = "hakika";

/** Never inside a transaction that keeps callbacks: NOTIFY takes a global lock at commit and halves its throughput. */
export async function notify(sql: Sql, notice: Notice): Promise<void> {
  await sql`select pg_notify(${channel}, ${JSON.stringify(notice)})`;
}

/** Hears what every process tells, this one's own notices included. It listens again by itself after the database was away. */
export async function listen(
  sql: Sql,
  hear: (notice: Notice) => void,
  onListening: () => void,
): Promise<() => Promise<void>> {
  const subscription = await sql.listen(channel, text => hear(JSON.parse(text) as Notice), onListening);
  return () => subscription.unlisten();
}
