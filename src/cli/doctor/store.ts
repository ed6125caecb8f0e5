import type { Sql } from "../../database/connect.ts";
import { everyShard } from "../../database/every-shard.ts";
import type { Vault } from "../../database/vault/vault.ts";
import { openBody } from "../../outbox/fan-out-store.ts";
import { type EvidenceRow, evidenceFromRow } from "../../settle/finding-json.ts";
import { type TransactionRow, transactionFromRow } from "../../settle/transaction-row.ts";

export async function serverOf(sql: Sql): Promise<{ versionNum: number; nowMs: number; takesNoWrites: boolean }> {
  const [row] = await sql<{ version_num: number; now_ms: number; takes_no_writes: boolean }[]>`
    select current_setting('server_version_num')::int as version_num,
      extract(epoch from clock_timestamp())::float8 * 1000 as now_ms,
      pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as takes_no_writes`;
  return { versionNum: row!.version_num, nowMs: row!.now_ms, takesNoWrites: row!.takes_no_writes };
}

/** The partitions of raw bodies, and the number of rows in the default partition. */
export async function partitionsOf(sql: Sql): Promise<{ names: string[]; rowsInDefault: number }> {
  const rows = await sql<{ name: string }[]>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'callback_bodies'::regclass`;
  const [inDefault] = await sql<{ count: bigint }[]>`
    select count(*) from (select 1 from callback_bodies_default limit 100000) as rows`;
  return { names: rows.map(({ name }) => name), rowsInDefault: Number(inDefault!.count) };
}

export type OverdueQueue = { queue: string; count: number; oldestS: number };

/**
 * Queue rows that have been due for longer than `graceS`: in the inbox, of deliveries to endpoints that are enabled and
 * take them (a dead endpoint's wait for the endpoint, not for a worker), and polls whose lease expired (`polls`).
 * `endings` are transactions that the schedule should have ended for longer than `endsGraceS`.
 */
export async function overdueRows(sql: Sql, graceS: number, endsGraceS: number): Promise<OverdueQueue[]> {
  const rows = await sql<{ queue: string; count: bigint; oldest_s: number | null }[]>`
    select 'inbox' as queue, count(*), extract(epoch from now() - min(due_at))::float8 as oldest_s
    from inbox_queue where due_at < now() - make_interval(secs => ${graceS})
    union all
    select 'deliveries', count(*), extract(epoch from now() - min(q.due_at))::float8
    from delivery_queue q join endpoints e on e.shard = q.shard and e.id = q.endpoint_id
    where q.due_at < now() - make_interval(secs => ${graceS}) and e.enabled and e.deleted_at is null
      and e.rate_limit_per_s is null and e.failing_since is null
      and not exists (select 1 from delivery_queue earlier
        where earlier.shard = q.shard and earlier.order_key = q.order_key and earlier.endpoint_id = q.endpoint_id
          and earlier.sequence < q.sequence)
    union all
    select 'polls', count(*), extract(epoch from now() - min(due_at))::float8
    from poll_queue where shard = any(${everyShard(sql)}) and lease_id is not null
      and due_at < now() - make_interval(secs => ${graceS})
    union all
    select 'endings', count(*), extract(epoch from now() - min(ends_at))::float8
    from poll_queue where shard = any(${everyShard(sql)})
      and ends_at < now() - make_interval(secs => ${endsGraceS})`;
  return rows
    .filter(({ count }) => count > 0n)
    .map(({ queue, count, oldest_s }) => ({ queue, count: Number(count), oldestS: Math.round(oldest_s ?? 0) }));
}

/** Unfinished callbacks and deliveries that no queue has, so that they would never be finished. */
export async function missingFromQueues(
  sql: Sql,
  graceS: number,
): Promise<{ callbacks: string[]; deliveries: string[] }> {
  const rowsMax = 1000;
  const callbacks = await sql<{ id: string }[]>`
    select c.id from callbacks c
    where c.received_at < now() - make_interval(secs => ${graceS})
      and not exists (select 1 from callback_readings r where r.shard = c.shard and r.callback_id = c.id)
      and not exists (select 1 from inbox_queue q where q.shard = c.shard and q.callback_id = c.id)
    limit ${rowsMax}`;
  const deliveries = await sql<{ id: string }[]>`
    select d.id from deliveries d
    where d.state = 'pending' and d.created_at < now() - make_interval(secs => ${graceS})
      and not exists (select 1 from delivery_queue q where q.shard = d.shard and q.delivery_id = d.id)
    limit ${rowsMax}`;
  return { callbacks: callbacks.map(({ id }) => id), deliveries: deliveries.map(({ id }) => id) };
}

type EventRow = { transactionId: string; id: string; sequence: number; sealed: Uint8Array | null; body: string | null };

/** The events of a transaction: how many, their first and last number, and the versions they show, in order. */
function historyOf(rows: EventRow[], vault: Vault) {
  if (rows.length === 0) return null;
  const versions = rows.map(row => Number(JSON.parse(openBody(row, vault)).data.transaction.version));
  return { count: rows.length, first: rows[0]!.sequence, last: rows.at(-1)!.sequence, versions };
}

/** A transaction with its evidence, its events and whether it is on the poll schedule, in one snapshot. */
export type CheckedTransaction = Awaited<ReturnType<typeof transactionsAfter>>[number];

const batchMax = 500;
const lowestId = "00000000-0000-0000-0000-000000000000";

/** All transactions of a shard, by id, in batches. */
export async function* transactionBatches(sql: Sql, shard: number): AsyncGenerator<CheckedTransaction[]> {
  for (let after = lowestId; ; ) {
    const batch = await transactionsAfter(sql, shard, after, batchMax);
    if (batch.length > 0) yield batch;
    if (batch.length < batchMax) return;
    after = batch.at(-1)!.transaction.id;
  }
}

/** The next transactions of a shard by id. One snapshot, because a server may be settling the same transactions. */
async function transactionsAfter(sql: Sql, shard: number, after: string, rowsMax: number) {
  return await sql.begin("isolation level repeatable read read only", async tx => {
    const rows = await tx<TransactionRow[]>`
      select * from transactions where shard = ${shard} and id > ${after} order by id limit ${rowsMax}`;
    const ids = rows.map(({ id }) => id);
    const [evidence, events, scheduled] = await Promise.all([
      tx<EvidenceRow[]>`
        select transaction_id, id, source, strength, callback_id, reading, sealed, finding, learnt_at
        from evidence where shard = ${shard} and transaction_id = any(${ids}::uuid[])`,
      tx<EventRow[]>`
        select transaction_id as "transactionId", id, sequence, sealed, body
        from events where shard = ${shard} and transaction_id = any(${ids}::uuid[]) order by sequence`,
      tx<{ id: string }[]>`
        select transaction_id as id from poll_queue where shard = ${shard} and transaction_id = any(${ids}::uuid[])`,
    ]);
    const evidenceById = grouped(evidence, each => each.transaction_id);
    const eventsById = grouped(events, each => each.transactionId);
    const onSchedule = new Set(scheduled.map(({ id }) => id));
    return rows.map(row => ({
      transaction: transactionFromRow(row, tx.vault),
      evidence: (evidenceById.get(row.id) ?? []).map(each => evidenceFromRow(each, tx.vault)),
      events: historyOf(eventsById.get(row.id) ?? [], tx.vault),
      isOnSchedule: onSchedule.has(row.id),
    }));
  });
}

function grouped<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}

/** When each connection of a shard was last changed. Earlier decisions may have used other settings. */
export async function connectionsChanged(sql: Sql, shard: number): Promise<Map<string, Date>> {
  const rows = await sql<
    { id: string; updated_at: Date }[]
  >`select id, updated_at from connections where shard = ${shard}`;
  return new Map(rows.map(row => [row.id, row.updated_at]));
}
