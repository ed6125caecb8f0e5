import type { Sql } from "../../database/connect.ts";
import { shardCount } from "../../domain/ids.ts";
import { type EvidenceRow, evidenceFromRow } from "../../settle/finding-json.ts";
import { type TransactionRow, transactionFromRow } from "../../settle/transaction-row.ts";

// With the shards named, an index that begins with the shard is entered once for each instead of being read to its end.
const allShards = Array.from({ length: shardCount }, (_, shard) => shard);

export async function serverOf(sql: Sql): Promise<{ versionNum: number; nowMs: number; takesNoWrites: boolean }> {
  const [row] = await sql<{ version_num: number; now_ms: number; takes_no_writes: boolean }[]>`
    select current_setting('server_version_num')::int as version_num,
      extract(epoch from clock_timestamp())::float8 * 1000 as now_ms,
      pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as takes_no_writes`;
  return { versionNum: row!.version_num, nowMs: row!.now_ms, takesNoWrites: row!.takes_no_writes };
}

/** Days from today on that have a partition of their own, and rows that fell into none. */
export async function partitionsOf(sql: Sql): Promise<{ names: string[]; strays: number }> {
  const rows = await sql<{ name: string }[]>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'callback_bodies'::regclass`;
  const [stray] = await sql<{ count: bigint }[]>`
    select count(*) from (select from callback_bodies_default limit 100000) as stray`;
  return { names: rows.map(({ name }) => name), strays: Number(stray!.count) };
}

export type OverdueQueue = { queue: string; count: number; oldestS: number };

/**
 * Rows of the queues that are due for longer than `graceS`: of the inbox, of deliveries to enabled endpoints, of lost questions. And
 * `endings`: what should have been ended by the schedule for longer than `endsGraceS`.
 */
export async function overdueRows(sql: Sql, graceS: number, endsGraceS: number): Promise<OverdueQueue[]> {
  const rows = await sql<{ queue: string; count: bigint; oldest_s: number | null }[]>`
    select 'inbox' as queue, count(*), extract(epoch from now() - min(due_at))::float8 as oldest_s
    from inbox_queue where due_at < now() - make_interval(secs => ${graceS})
    union all
    select 'deliveries', count(*), extract(epoch from now() - min(q.due_at))::float8
    from delivery_queue q join endpoints e on e.shard = q.shard and e.id = q.endpoint_id
    where q.due_at < now() - make_interval(secs => ${graceS}) and e.enabled and e.deleted_at is null
      and e.rate_limit_per_s is null
      and not exists (select from delivery_queue earlier where earlier.shard = q.shard and earlier.order_key = q.order_key
        and earlier.endpoint_id = q.endpoint_id and earlier.sequence < q.sequence)
    union all
    select 'questions', count(*), extract(epoch from now() - min(due_at))::float8
    from poll_queue where shard = any(${sql.array(allShards, 21)}::int2[]) and lease_id is not null
      and due_at < now() - make_interval(secs => ${graceS})
    union all
    select 'endings', count(*), extract(epoch from now() - min(ends_at))::float8
    from poll_queue where shard = any(${sql.array(allShards, 21)}::int2[]) and ends_at < now() - make_interval(secs => ${endsGraceS})`;
  return rows
    .filter(({ count }) => count > 0n)
    .map(({ queue, count, oldest_s }) => ({ queue, count: Number(count), oldestS: Math.round(oldest_s ?? 0) }));
}

/** What should be in a queue and is not: it would never be done. */
export async function missingFromQueues(
  sql: Sql,
  graceS: number,
): Promise<{ callbacks: string[]; deliveries: string[] }> {
  const rowsMax = 1000;
  const callbacks = await sql<{ id: string }[]>`
    select c.id from callbacks c
    where c.received_at < now() - make_interval(secs => ${graceS})
      and not exists (select from callback_readings r where r.shard = c.shard and r.callback_id = c.id)
      and not exists (select from inbox_queue q where q.shard = c.shard and q.callback_id = c.id)
    limit ${rowsMax}`;
  const deliveries = await sql<{ id: string }[]>`
    select d.id from deliveries d
    where d.state = 'pending' and d.created_at < now() - make_interval(secs => ${graceS})
      and not exists (select from delivery_queue q where q.shard = d.shard and q.delivery_id = d.id)
    limit ${rowsMax}`;
  return { callbacks: callbacks.map(({ id }) => id), deliveries: deliveries.map(({ id }) => id) };
}

type EventHistory = { transactionId: string; count: number; first: number; last: number; versions: number[] };

/** Transactions with their evidence, what was told of them and whether they are to be asked about, as of one moment. */
export type CheckedTransaction = Awaited<ReturnType<typeof transactionsAfter>>[number];

/** The next transactions of a shard by id. One snapshot: a server may be settling the very same ones. */
export async function transactionsAfter(sql: Sql, shard: number, after: string, rowsMax: number) {
  return await sql.begin("isolation level repeatable read read only", async tx => {
    const rows = await tx<TransactionRow[]>`
      select * from transactions where shard = ${shard} and id > ${after} order by id limit ${rowsMax}`;
    const ids = rows.map(({ id }) => id);
    const [learnt, told, scheduled] = await Promise.all([
      tx<EvidenceRow[]>`
        select transaction_id, id, source, strength, callback_id, reading, finding, learnt_at
        from evidence where shard = ${shard} and transaction_id = any(${ids}::uuid[])`,
      tx<EventHistory[]>`
        select transaction_id as "transactionId", count(*)::int as count, min(sequence) as first, max(sequence) as last,
          array_agg((body::jsonb #>> '{data,transaction,version}')::int order by sequence) as versions
        from events where shard = ${shard} and transaction_id = any(${ids}::uuid[]) group by transaction_id`,
      tx<{ id: string }[]>`
        select transaction_id as id from poll_queue where shard = ${shard} and transaction_id = any(${ids}::uuid[])`,
    ]);
    const onSchedule = new Set(scheduled.map(({ id }) => id));
    return rows.map(row => ({
      transaction: transactionFromRow(row),
      evidence: learnt.filter(({ transaction_id }) => transaction_id === row.id).map(evidenceFromRow),
      told: told.find(({ transactionId }) => transactionId === row.id) ?? null,
      isOnSchedule: onSchedule.has(row.id),
    }));
  });
}

/** When connections were last changed: what was decided before was decided by other settings. */
export async function connectionsChanged(sql: Sql, shard: number): Promise<Map<string, Date>> {
  const rows = await sql<
    { id: string; updated_at: Date }[]
  >`select id, updated_at from connections where shard = ${shard}`;
  return new Map(rows.map(row => [row.id, row.updated_at]));
}
