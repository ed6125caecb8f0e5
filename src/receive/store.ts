import type { Sql } from "../database/connect.ts";
import type { RecordBatch } from "./record.ts";

/** Object ids: postgres.js cannot tell a list of these by itself. */
const pgType = { bytea: 17 } as const;

/**
 * Keeps a batch in one statement, one commit: the dedupe rows first; bodies, queue rows and quarantine only of what is new. A batch
 * written again (its reply was lost, or it came back out of the spool) adds nothing and counts nothing.
 * Rows are sorted by key: two receivers that hold the same news wait for each other in one order, never in a circle.
 */
export async function insertCallbacks(sql: Sql, batch: RecordBatch): Promise<void> {
  const rows = [...batch.rows].sort((a, b) => (a.record.key < b.record.key ? -1 : 1));
  const column = <T>(pick: (row: (typeof rows)[number]) => T) => rows.map(pick);
  await sql`
    with input as materialized (
      select * from unnest(
        ${column(r => r.record.shard)}::smallint[], ${column(r => r.record.id)}::uuid[],
        ${column(r => r.record.merchantId)}::uuid[], ${column(r => r.record.connectionId)}::uuid[],
        ${column(r => r.record.provider)}::text[], ${column(r => r.record.channel)}::text[],
        ${column(r => r.record.key)}::text[], ${sql.array(
          column(r => r.record.digest),
          pgType.bytea,
        )}::bytea[], ${column(r => r.copies)}::int[],
        ${column(r => r.record.receivedAt.toISOString())}::timestamptz[], ${column(r => r.record.strength)}::text[],
        ${column(r => JSON.stringify(r.record.headers))}::text[], ${sql.array(
          column(r => r.record.body),
          pgType.bytea,
        )}::bytea[],
        ${column(r => r.record.quarantine && JSON.stringify(r.record.quarantine))}::text[],
        ${column(r => r.record.answer && JSON.stringify(r.record.answer))}::text[])
      as i (shard, id, merchant_id, connection_id, provider, channel, key, digest, copies, received_at, strength, headers, body,
        quarantine, answer)
    ),
    kept as (
      insert into callbacks as c (shard, id, merchant_id, connection_id, provider, channel, key, digest, copies, batch_id,
        received_at, strength, answer)
      select shard, id, merchant_id, connection_id, provider, channel, key, digest, copies, ${batch.batchId}::uuid, received_at,
        strength, answer::jsonb
      from input
      on conflict (shard, connection_id, channel, key, digest) do update
        set copies = c.copies + case when c.batch_id = excluded.batch_id then 0 else excluded.copies end,
            batch_id = excluded.batch_id
      returning c.shard, c.id, xmax = 0 as fresh
    ),
    fresh as (select input.* from input join kept on kept.id = input.id where kept.fresh),
    bodies as (
      insert into callback_bodies (shard, id, headers, body) select shard, id, headers::jsonb, body from fresh
    ),
    readings as (
      insert into callback_readings (shard, callback_id, state, problems, transaction_ids)
      select shard, id, case when quarantine is null then 'processed' else 'quarantined' end,
        coalesce(quarantine::jsonb, '[]'), '{}'
      from fresh where quarantine is not null or answer is not null
    )
    insert into inbox_queue (shard, callback_id)
    select shard, id from fresh where quarantine is null and answer is null`;
}
