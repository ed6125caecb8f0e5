import type { Tx } from "../database/connect.ts";
import { finalStatuses } from "../domain/kinds.ts";
import { insertPollRecords } from "./poll-record-store.ts";
import type { PollRelease, ScheduleEntry } from "./schedule-entry.ts";

/** Element types of the lists below. */
const oid = { bool: 16, int2: 21, int4: 23, timestamptz: 1184 } as const;

/**
 * Puts entries into the schedule; an urgent one is due in `urgentAfterMs`. One that is requested again while it still
 * waits for that is put off, by 5 s in all: the first of a hundred callbacks may be seconds before the last on a busy
 * machine, and one poll answers them all. An entry that is leased keeps its lease, and an urgent poll that is requested
 * meanwhile runs after the lease: its end is the due time.
 */
export async function putEntries(tx: Tx, shard: number, entries: ScheduleEntry[]): Promise<void> {
  const transactionIds = entries.map(entry => entry.transactionId);
  const connectionIds = entries.map(entry => entry.connectionId);
  const dueAt = entries.map(entry => entry.dueAt);
  const endsAt = entries.map(entry => entry.endsAt);
  const urgentAfterMs = entries.map(entry => entry.urgentAfterMs);
  await tx`
    insert into poll_queue as q (shard, transaction_id, connection_id, due_at, ends_at, ready, urgent, urgent_until)
    select ${shard}, transaction_id, connection_id,
      case when after_ms is null then due_at else ${nowInMs(tx)} + after_ms * interval '1 ms' end, ends_at,
      after_ms is not null, after_ms is not null,
      ${nowInMs(tx)} + case when after_ms > 0 then interval '5 s' when after_ms = 0 then interval '0 s' end
    from unnest(${transactionIds}::uuid[], ${connectionIds}::uuid[],
      ${tx.array(dueAt, oid.timestamptz)}::timestamptz[], ${tx.array(endsAt, oid.timestamptz)}::timestamptz[],
      ${tx.array(urgentAfterMs, oid.int4)}::int[]) as p (transaction_id, connection_id, due_at, ends_at, after_ms)
    on conflict (shard, transaction_id) do update set
      urgent = q.urgent or excluded.urgent,
      urgent_until = case
        when q.urgent then least(q.urgent_until, excluded.urgent_until)
        else excluded.urgent_until end,
      ends_at = excluded.ends_at,
      ready = (q.ready or excluded.urgent) and q.lease_id is null,
      due_at = case
        when q.lease_id is not null then q.due_at
        when q.urgent and excluded.urgent then least(excluded.due_at, greatest(q.due_at, q.urgent_until))
        else least(q.due_at, excluded.due_at) end`;
}

/**
 * Removes the entries of finished and merged transactions. A leased entry stays until its release: the poll's answer is
 * still evidence.
 */
export async function removeEntries(tx: Tx, shard: number, transactionIds: string[]): Promise<void> {
  await tx`
    delete from poll_queue q
    using unnest(${transactionIds}::uuid[]) as over (id)
    cross join lateral (
      select ctid from poll_queue
      where shard = ${shard} and transaction_id = over.id and (lease_id is null or due_at <= now()) limit 1 for update
    ) at
    where q.shard = ${shard} and q.ctid = at.ctid`;
}

/**
 * Releases leased entries with their next poll, and returns the leases that were still held: a stale holder changes
 * nothing. Where an urgent poll was requested during the lease, the entry is due at once. The polls that end here are
 * kept for the timeline.
 */
export async function releasePolls(tx: Tx, shard: number, releases: PollRelease[]): Promise<Set<string>> {
  if (releases.length === 0) return new Set();
  await insertPollRecords(tx, shard, releases);
  const transactionIds = releases.map(release => release.transactionId);
  const dueAt = releases.map(release => release.dueAt);
  const endsAt = releases.map(release => release.endsAt);
  const urgent = releases.map(release => release.urgent);
  const polled = releases.map(release => release.polled);
  const tries = releases.map(release => release.tries);
  const failures = releases.map(release => release.failures);
  const rows = await tx<{ lease_id: string }[]>`
    with released as materialized (
      select transaction_id, lease_id, coalesce(due_at, 'infinity') as due_at, ends_at, urgent, polled, tries, failures,
        ${nowInMs(tx)} as now
      from unnest(${transactionIds}::uuid[], ${releases.map(release => release.leaseId)}::uuid[],
        ${tx.array(dueAt, oid.timestamptz)}::timestamptz[], ${tx.array(endsAt, oid.timestamptz)}::timestamptz[],
        ${tx.array(urgent, oid.bool)}::bool[], ${tx.array(polled, oid.bool)}::bool[],
        ${tx.array(tries, oid.int2)}::int2[], ${tx.array(failures, oid.int2)}::int2[])
        as r (transaction_id, lease_id, due_at, ends_at, urgent, polled, tries, failures)
    )
    update poll_queue q set
      lease_id = null,
      urgent = q.urgent or a.urgent,
      ready = q.urgent or (not q.audit and a.due_at <= a.now),
      due_at = case when q.urgent then a.now else a.due_at end,
      ends_at = a.ends_at,
      asked_at = case when a.polled then a.now else q.asked_at end,
      tries = a.tries,
      failures = a.failures
    from released a
    cross join lateral (
      select ctid from poll_queue where shard = ${shard} and transaction_id = a.transaction_id and lease_id = a.lease_id
      limit 1 for update
    ) at
    where q.shard = ${shard} and q.ctid = at.ctid
    returning a.lease_id`;
  // A callback may have finished the transaction during the poll.
  await tx`
    delete from poll_queue q
    using unnest(${transactionIds}::uuid[]) as released (id)
    cross join lateral (
      select ctid from poll_queue p where p.shard = ${shard} and p.transaction_id = released.id and p.lease_id is null
        and not p.urgent and (p.due_at = 'infinity' or not p.audit and exists (
          select 1 from transactions t where t.shard = ${shard} and t.id = released.id
            and (t.merged_into is not null or t.status = any(${[...finalStatuses]}::text[]))))
      limit 1 for update
    ) at
    where q.shard = ${shard} and q.ctid = at.ctid`;
  return new Set(rows.map(row => row.lease_id));
}

/**
 * Columns keep milliseconds, rounded: a plain now() may be stored half a millisecond ahead, and the entry not be due
 * yet.
 */
const nowInMs = (tx: Tx) => tx`date_trunc('milliseconds', now())`;
