import type { Sql } from "../../database/connect.ts";

/**
 * Those of the connections that were changed so recently that a process may have read callbacks by an earlier state.
 * The locks wait for changes that are being written: once this returns, such a change is committed, or has yet to begin
 * and finds the readings that were committed before.
 */
export async function recentlyChanged(sql: Sql, shard: number, ids: string[]): Promise<string[]> {
  const rows = await sql<{ id: string; recent: boolean }[]>`
    select id, updated_at > now() - interval '1 minute' as recent
    from connections where shard = ${shard} and id = any(${ids}::uuid[]) for share`;
  return rows.filter(row => row.recent).map(row => row.id);
}

/** Queues callbacks in quarantine for their receiver again, each to be read as it was. */
export async function requeueWrongReceivers(sql: Sql, shard: number, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    insert into inbox_queue (shard, callback_id, read_as)
    select shard, callback_id, read_as from callback_readings
    where shard = ${shard} and callback_id = any(${ids}::uuid[]) and wrong_receiver is not null
    on conflict do nothing`;
}
