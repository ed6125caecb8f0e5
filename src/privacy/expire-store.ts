import type { Sql, Tx } from "../database/connect.ts";

/** Transactions that finished before a time and still hold something personal, oldest first. Unfinished ones stay. */
export async function expiredTransactions(tx: Tx, shard: number, before: Date, rowsMax: number): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    select id from transactions
    where shard = ${shard} and created_at < ${before} and erased_at is null and updated_at < ${before}
      and (status in ('completed', 'failed', 'expired', 'refunded') or merged_into is not null)
    order by created_at limit ${rowsMax} for update skip locked`;
  return rows.map(({ id }) => id);
}

/** Sessions that ended before a time, from an id on. */
export async function expiredSessions(sql: Sql, shard: number, range: { from: string; before: Date; rowsMax: number }) {
  const rows = await sql<{ id: string }[]>`
    select id from ussd_sessions
    where shard = ${shard} and id > ${range.from} and ended_at < ${range.before} and started_at < ${range.before}
    order by id limit ${range.rowsMax}`;
  return rows.map(({ id }) => id);
}

/** Events about no transaction that were made before a time, from an id on. */
export async function expiredEvents(tx: Tx, shard: number, range: { from: string; before: Date; rowsMax: number }) {
  return await tx<{ id: string; transactionId: string; sealed: Uint8Array | null; plain: unknown }[]>`
    select id, '' as "transactionId", sealed, to_jsonb(body) as plain from events
    where shard = ${shard} and transaction_id is null and id > ${range.from} and created_at < ${range.before}
    order by id limit ${range.rowsMax}`;
}
