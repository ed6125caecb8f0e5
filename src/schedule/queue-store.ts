import type { Sql, Tx } from "../database/connect.ts";
import { shardCount } from "../domain/ids.ts";
import { finalStatuses } from "../domain/kinds.ts";
import type { PollRelease, ScheduleEntry } from "./schedule-entry.ts";

/**
 * Puts transactions on the schedule, and rings for those that are to be asked at once. One that is being asked keeps its lease; a ring
 * is kept for when it ends.
 */
export async function putOnSchedule(tx: Tx, shard: number, places: ScheduleEntry[]): Promise<void> {
  await tx`
    insert into poll_queue as q (shard, transaction_id, connection_id, due_at, ends_at, ready, urgent)
    select ${shard}, transaction_id, connection_id, case when urgent then ${atOnce(tx)} else due_at end, ends_at, urgent, urgent
    from unnest(${places.map(p => p.transactionId)}::uuid[], ${places.map(p => p.connectionId)}::uuid[],
      ${tx.array(
        places.map(p => p.dueAt),
        1184,
      )}::timestamptz[], ${tx.array(
        places.map(p => p.endsAt),
        1184,
      )}::timestamptz[],
      ${tx.array(
        places.map(p => p.urgent),
        16,
      )}::bool[]) as p (transaction_id, connection_id, due_at, ends_at, urgent)
    on conflict (shard, transaction_id) do update set
      urgent = q.urgent or excluded.urgent,
      ends_at = excluded.ends_at,
      ready = (q.ready or excluded.urgent) and (q.lease_id is null or q.due_at <= now()),
      due_at = case when q.lease_id is not null and q.due_at > now() then q.due_at
        else least(q.due_at, excluded.due_at) end`;
}

/** Takes finished and merged transactions off. One that is being asked is left to whoever asks: the answer is still evidence. */
export async function takeOffSchedule(tx: Tx, shard: number, transactionIds: string[]): Promise<void> {
  await tx`
    delete from poll_queue q
    using unnest(${transactionIds}::uuid[]) as over (id)
    cross join lateral (
      select ctid from poll_queue where shard = ${shard} and transaction_id = over.id and (lease_id is null or due_at <= now())
      limit 1 for update
    ) at
    where q.shard = ${shard} and q.ctid = at.ctid`;
}

/**
 * Gives leased places back, with what is next for them; those only that are still held. A place that was rung for meanwhile is asked
 * again at once.
 */
export async function releasePolls(tx: Tx, shard: number, asks: PollRelease[]): Promise<Set<string>> {
  if (asks.length === 0) return new Set();
  const rows = await tx<{ lease_id: string }[]>`
    update poll_queue q set
      lease_id = null,
      urgent = q.urgent or a.urgent,
      ready = q.urgent or coalesce(a.due_at <= now(), false),
      due_at = case when q.urgent then ${atOnce(tx)} else coalesce(a.due_at, 'infinity') end,
      ends_at = a.ends_at,
      asked_at = case when a.asked then now() else q.asked_at end,
      tries = a.tries,
      failures = a.failures
    from unnest(${asks.map(a => a.transactionId)}::uuid[], ${asks.map(a => a.leaseId)}::uuid[],
      ${tx.array(
        asks.map(a => a.dueAt),
        1184,
      )}::timestamptz[], ${tx.array(
        asks.map(a => a.endsAt),
        1184,
      )}::timestamptz[], ${tx.array(
        asks.map(a => a.urgent),
        16,
      )}::bool[], ${tx.array(
        asks.map(a => a.polled),
        16,
      )}::bool[], ${tx.array(
        asks.map(a => a.tries),
        21,
      )}::int2[], ${tx.array(
        asks.map(a => a.failures),
        21,
      )}::int2[])
      as a (transaction_id, lease_id, due_at, ends_at, urgent, asked, tries, failures)
    cross join lateral (
      select ctid from poll_queue where shard = ${shard} and transaction_id = a.transaction_id and lease_id = a.lease_id
      limit 1 for update
    ) at
    where q.shard = ${shard} and q.ctid = at.ctid
    returning a.lease_id`;
  // A callback may have finished it while it was asked.
  await tx`
    delete from poll_queue q
    using unnest(${asks.map(a => a.transactionId)}::uuid[]) as asked (id)
    cross join lateral (
      select ctid from poll_queue p where p.shard = ${shard} and p.transaction_id = asked.id and p.lease_id is null
        and not p.urgent and (p.due_at = 'infinity' or exists (
          select from transactions t where t.shard = ${shard} and t.id = asked.id
            and (t.merged_into is not null or t.status = any(${[...finalStatuses]}::text[]))))
      limit 1 for update
    ) at
    where q.shard = ${shard} and q.ctid = at.ctid`;
  return new Set(rows.map(row => row.lease_id));
}

// With the shards named, an index that begins with the shard is entered once for each instead of being read to its end.
const allShards = Array.from({ length: shardCount }, (_, shard) => shard);

/** Columns keep milliseconds, rounded: a plain now() may be half a millisecond away, and missed by who looks at once. */
const atOnce = (tx: Tx) => tx`date_trunc('milliseconds', now())`;

const readyMax = 2000;

/**
 * Makes ready what has become due, the latest first, leases that ran out among it; answers how many. Bounded: what is left is made ready
 * next time.
 */
export async function makeReady(sql: Sql, shard: number): Promise<number> {
  const result = await sql`
    with due as materialized (
      select ctid as place from poll_queue where shard = ${shard} and not ready and due_at <= now()
      order by due_at desc limit ${readyMax} for update skip locked
    )
    update poll_queue q set ready = true, lease_id = null
    from due where q.shard = ${shard} and q.ctid = due.place`;
  return result.count;
}

/** What a stopped process was asking is asked by somebody else, without waiting for a pass. */
export async function recoverExpiredLeases(sql: Sql): Promise<number> {
  const result = await sql`
    update poll_queue set ready = true, urgent = true, lease_id = null
    where shard = any(${sql.array(allShards, 21)}::int2[]) and lease_id is not null and due_at <= now()`;
  return result.count;
}

/**
 * Shards where something is due, ready or being asked: three indexes of which each has little but work in it. Many shards at once, so it
 * locks nothing.
 */
export async function shardsWithWork(sql: Sql): Promise<number[]> {
  const rows = await sql<{ shard: number }[]>`
    select shard from poll_queue where shard = any(${sql.array(allShards, 21)}::int2[]) and not ready and due_at <= now()
    union select shard from poll_queue where ready
    union select shard from poll_queue where lease_id is not null`;
  return rows.map(row => row.shard);
}

/** Shards where the schedule has something to end. */
export async function shardsWithEnded(sql: Sql): Promise<number[]> {
  const rows = await sql<{ shard: number }[]>`
    select distinct shard from poll_queue where shard = any(${sql.array(allShards, 21)}::int2[]) and ends_at <= now()`;
  return rows.map(row => row.shard);
}

/** Connections of a shard with something ready or being asked. One step of an index for each, however much is ready. */
export async function connectionsWithWork(sql: Sql, shard: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    with recursive ready (id) as (
      (select connection_id from poll_queue where shard = ${shard} and ready order by connection_id limit 1)
      union all
      select (select q.connection_id from poll_queue q where q.shard = ${shard} and q.ready and q.connection_id > ready.id
        order by q.connection_id limit 1)
      from ready where ready.id is not null
    )
    select id from ready where id is not null
    union
    select connection_id from poll_queue where shard = ${shard} and lease_id is not null`;
  return rows.map(row => row.id);
}

/** Where somebody rang, and it can be asked now. */
export async function urgentConnections(sql: Sql): Promise<{ shard: number; connectionId: string }[]> {
  return await sql<{ shard: number; connectionId: string }[]>`
    select distinct shard, connection_id as "connectionId" from poll_queue where urgent and due_at <= now()`;
}

const countMax = 100_000;

/** How many places of a connection are ready, counted up to 100,000, and how many are being asked. */
export async function countWork(
  sql: Sql,
  shard: number,
  connectionId: string,
): Promise<{ ready: number; leased: number }> {
  const [row] = await sql<{ ready: bigint; leased: bigint }[]>`
    select
      (select count(*) from (select from poll_queue where shard = ${shard} and connection_id = ${connectionId} and ready
        limit ${countMax}) as counted) as ready,
      (select count(*) from poll_queue where shard = ${shard} and connection_id = ${connectionId} and lease_id is not null
        and due_at > now()) as leased`;
  return { ready: Number(row!.ready), leased: Number(row!.leased) };
}
