import type { Queryable } from "../../database/connect.ts";
import { sealRequest } from "../../database/vault/callback-body.ts";
import type { Vault } from "../../database/vault/vault.ts";
import { type CallbackRecord, type RecordBatch, shardsOf } from "./callback-record.ts";
import type { HandOverLease, Queued } from "./hand-over.ts";

/**
 * Inserts a batch in one statement and one commit: the dedupe rows first, then bodies, queue rows and quarantine of the
 * new callbacks only. Writing the same batch again (its reply was lost, or it comes from the spool) inserts nothing and
 * counts no copies. Rows are sorted by key, so that two receivers with the same callbacks lock rows in one order and
 * cannot deadlock. A copy of a callback that was read as `changed` is queued to be read again (Reading). Callback URLs
 * that rows share are sent once, and each row has its number. Sealed requests are sent as one byte string, and digests
 * too: lists of byte strings cost the client and the server more than the inserts do.
 *
 * Rows of the queue that a `lease` names are born with it. Without one nothing is returned but the shards of the batch.
 */
export async function insertCallbacks(
  sql: Queryable,
  batch: RecordBatch,
  lease: HandOverLease | null = null,
): Promise<Queued> {
  const rows = [...batch.rows].sort((a, b) => (a.record.key < b.record.key ? -1 : 1));
  const urls = numbered(rows, ({ record: r }) => `${r.connectionId}|${r.channel}`);
  const requests = rows.map(({ record: r }) => sealRequest(r.id, r, sql.vault));
  const url = <T>(pick: (record: CallbackRecord) => T) => urls.firsts.map(row => pick(row.record));
  const column = <T>(pick: (row: (typeof rows)[number]) => T) => rows.map(pick);
  const queued = await sql<{ shard: number; id: string; isLeased: boolean }[]>`
    with input as materialized (
      select (${url(r => r.shard)}::smallint[])[url] as shard, (${url(r => r.merchantId)}::uuid[])[url] as merchant_id,
        (${url(r => r.connectionId)}::uuid[])[url] as connection_id, (${url(r => r.provider)}::text[])[url] as provider,
        (${url(r => r.channel)}::text[])[url] as channel, id, key, copies, received_at, strength, quarantine, answer,
        substring(${Buffer.concat(column(r => r.record.digest))}::bytea from (row - 1)::int * 32 + 1 for 32) as digest,
        body_from, body_bytes, wrong_receiver, is_leased
      from unnest(${urls.numbers}::int[], ${column(r => r.record.id)}::uuid[],
        ${column(r => r.record.key)}::text[], ${column(r => r.copies)}::int[],
        ${column(r => r.record.receivedAt.toISOString())}::timestamptz[], ${column(r => r.record.strength)}::text[],
        ${column(r => r.record.quarantine && JSON.stringify(r.record.quarantine))}::text[],
        ${column(r => sealAnswer(r.record, sql.vault))}::text[],
        ${column(r => r.record.wrongReceiver ?? null)}::text[],
        ${offsets(requests.map(each => each.length))}::int[], ${requests.map(each => each.length)}::int[],
        ${sql.array(
          column(r => lease?.ids.has(r.record.id) ?? false),
          boolOid,
        )}::bool[])
      with ordinality
      as i (url, id, key, copies, received_at, strength, quarantine, answer, wrong_receiver, body_from, body_bytes,
        is_leased, row)
    ),
    kept as (
      insert into callbacks as c (shard, id, merchant_id, connection_id, provider, channel, key, digest, copies,
        batch_id, received_at, strength, sealed)
      select shard, id, merchant_id, connection_id, provider, channel, key, digest, copies, ${batch.batchId}::uuid,
        received_at, strength, decode(answer, 'base64')
      from input
      on conflict (shard, connection_id, channel, key, digest) do update
        set copies = c.copies + case when c.batch_id = excluded.batch_id then 0 else excluded.copies end,
            batch_id = excluded.batch_id
      returning c.shard, c.id, xmax = 0 as fresh
    ),
    fresh as materialized (select input.* from input join kept on kept.id = input.id where kept.fresh),
    bodies as (
      insert into callback_bodies (shard, id, sealed)
      select shard, id,
        -- A subselect is converted once, not once a row.
        substring((select decode(${Buffer.concat(requests).toString("base64")}::text, 'base64'))
          from body_from for body_bytes)
      from fresh
    ),
    readings as (
      insert into callback_readings (shard, callback_id, state, problems, transaction_ids, wrong_receiver)
      select shard, id, case when quarantine is null then 'processed' else 'quarantined' end,
        coalesce(quarantine::jsonb, '[]'), '{}', wrong_receiver
      from fresh where quarantine is not null or answer is not null
    )
    insert into inbox_queue (shard, callback_id, read_as, due_at, lease_id, attempts)
    select shard, id, null, now() + make_interval(secs => case when is_leased then ${lease?.seconds ?? 0} else 0 end),
      case when is_leased then ${lease?.id ?? null}::uuid end, case when is_leased then 1 else 0 end
    from fresh where quarantine is null and answer is null
    union all
    select kept.shard, kept.id,
      (select r.read_as from callback_readings r where r.shard = kept.shard and r.callback_id = kept.id), now(), null, 0
    from kept
    where not kept.fresh
      and (select r.changed from callback_readings r where r.shard = kept.shard and r.callback_id = kept.id)
    on conflict (shard, callback_id) do nothing
    ${lease === null ? sql`` : sql`returning shard, callback_id as id, lease_id is not null as "isLeased"`}`;
  if (lease === null) return { leasedIds: new Set(), freeShards: shardsOf(batch) };
  return {
    leasedIds: new Set(queued.filter(row => row.isLeased).map(row => row.id)),
    freeShards: new Set(queued.filter(row => !row.isLeased).map(row => row.shard)),
  };
}

const boolOid = 16;

function sealAnswer({ id, answer }: CallbackRecord, vault: Vault): string | null {
  return answer && vault.sealJson("callbacks", id, answer).toString("base64");
}

/** The distinct texts of the rows, the first row with each, and for every row the number of its text, from 1. */
function numbered<Row>(
  rows: Row[],
  textOf: (row: Row) => string,
): { texts: string[]; firsts: Row[]; numbers: number[] } {
  const seen = new Map<string, number>();
  const firsts: Row[] = [];
  const numbers = rows.map(row => {
    const text = textOf(row);
    const known = seen.get(text);
    if (known !== undefined) return known;
    firsts.push(row);
    seen.set(text, firsts.length);
    return firsts.length;
  });
  return { texts: [...seen.keys()], firsts, numbers };
}

/** The position of the first byte of each piece, from 1 as in SQL. */
function offsets(lengths: number[]): number[] {
  let from = 1;
  return lengths.map(length => {
    const here = from;
    from += length;
    return here;
  });
}
