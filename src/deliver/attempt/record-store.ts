import type { Queryable } from "../../database/connect.ts";
import type { QueuePosition } from "../delivery.ts";

/**
 * The outcome of an attempt as it is recorded. `unsent` returns the delivery to the queue without counting an attempt.
 */
export type DeliveryOutcome = QueuePosition & {
  leaseId: string;
  kind: "delivered" | "retry" | "failed" | "unsent";
  /** Until the next attempt, in ms; of `retry` and `unsent`. */
  delayMs: number;
  startedAt: Date;
  latencyMs: number;
  status: number | null;
  error: string | null;
  answer: string | null;
};

/** What was recorded of an outcome. An outcome whose lease was lost is not recorded at all. */
export type RecordedOutcome = {
  deliveryId: string;
  endpointId: string;
  kind: DeliveryOutcome["kind"];
  /** Every attempt at the endpoint has failed for five days. */
  isFailingTooLong: boolean;
  /** The endpoint began to fail with this batch, or ended to. */
  hasTurned: boolean;
};

/** After how many days without a success an endpoint is disabled. */
const failingDaysMax = 5;
/** While an endpoint's health does not change, it is written at most this often, in s. */
const healthEveryS = 10;

/**
 * Records outcomes of one shard, each only while its lease is held: the outcomes in one statement, the attempts that
 * they list in another. In one database transaction of the caller's. A retry for an endpoint that was disabled
 * meanwhile is recorded as failed: no delivery is pending for a disabled endpoint (ADR 0008). Repeated after a lost
 * reply it changes nothing, because the leases have ended.
 */
export async function recordOutcomes(
  tx: Queryable,
  shard: number,
  outcomes: readonly DeliveryOutcome[],
): Promise<RecordedOutcome[]> {
  const rows = await writeOutcomes(tx, shard, outcomes);
  const attempts = new Map(rows.map(row => [row.deliveryId, row.attempt]));
  const listed = outcomes.flatMap(outcome => {
    const attempt = attempts.get(outcome.deliveryId) ?? null;
    return attempt === null ? [] : [{ ...outcome, attempt }];
  });
  if (listed.length > 0) await insertAttempts(tx, shard, listed);
  return rows.map(({ attempt: _, ...recorded }) => recorded);
}

/**
 * Each row is looked up alone, and by its place: joined by keys, a plan that was made while the queue was small walks
 * the whole shard for a batch (seen: 372 outcomes beside 408 rows, 150,000 comparisons). The rows are locked, so their
 * places stay.
 */
async function writeOutcomes(
  tx: Queryable,
  shard: number,
  outcomes: readonly DeliveryOutcome[],
): Promise<(RecordedOutcome & { attempt: number | null })[]> {
  return await tx<(RecordedOutcome & { attempt: number | null })[]>`
    with outcome as materialized (
      select *, date_trunc('milliseconds', now()) as at from unnest(
        ${outcomes.map(o => o.endpointId)}::uuid[], ${outcomes.map(o => o.orderKey)}::uuid[],
        ${outcomes.map(o => o.sequence)}::int4[], ${outcomes.map(o => o.deliveryId)}::uuid[],
        ${outcomes.map(o => o.leaseId)}::uuid[], ${outcomes.map(o => o.kind)}::text[],
        ${outcomes.map(o => o.delayMs)}::float8[]
      ) as outcome (endpoint_id, order_key, sequence, delivery_id, lease_id, kind, delay_ms)
    ), held as materialized (
      -- Locked: the rows whose lease is still the holder's.
      select o.endpoint_id, o.order_key, o.sequence, o.delivery_id, o.at, o.at + o.delay_ms * interval '1 ms' as due_at,
        o.kind <> 'unsent' as is_attempt, case when o.kind = 'retry' and e.id is not null then 1 else 0 end as retried,
        case when o.kind in ('retry', 'unsent') and e.id is null then 'failed' else o.kind end as kind
      from outcome o
      cross join lateral (
        select 1 from delivery_queue
        where shard = ${shard} and order_key = o.order_key and sequence = o.sequence and delivery_id = o.delivery_id
          and lease_id = o.lease_id
        limit 1 for update
      ) q
      left join endpoints e on e.shard = ${shard} and e.id = o.endpoint_id and e.enabled and e.deleted_at is null
    ), finished as (
      delete from delivery_queue q using held h
      cross join lateral (
        select ctid from delivery_queue where shard = ${shard} and order_key = h.order_key and sequence = h.sequence
          and delivery_id = h.delivery_id limit 1
      ) at
      where q.shard = ${shard} and q.ctid = at.ctid and h.kind in ('delivered', 'failed')
    ), requeued as (
      update delivery_queue q
      set due_at = h.due_at, lease_id = null, attempts = q.attempts + h.retried, lane = greatest(q.lane, h.retried)
      from held h
      cross join lateral (
        select ctid from delivery_queue where shard = ${shard} and order_key = h.order_key and sequence = h.sequence
          and delivery_id = h.delivery_id limit 1
      ) at
      where q.shard = ${shard} and q.ctid = at.ctid and h.kind in ('retry', 'unsent')
    ), counted as (
      update deliveries d
      set attempts = d.attempts + case when h.is_attempt then 1 else 0 end,
        state = case when h.kind = 'retry' then d.state else h.kind end,
        finished_at = case when h.kind = 'retry' then null else h.at end
      from held h
      cross join lateral (
        select ctid from deliveries where shard = ${shard} and id = h.delivery_id limit 1 for update
      ) at
      where d.shard = ${shard} and d.ctid = at.ctid and h.kind <> 'unsent'
      returning d.id, d.attempts, h.is_attempt
    ), by_endpoint as (
      select endpoint_id, bool_or(kind = 'delivered') as has_success, bool_or(kind <> 'delivered') as has_failure
      from held where is_attempt group by endpoint_id
    ), changed as (
      -- In the order of ids, so that two recordings never wait for each other in a circle.
      select e.id, b.has_success, b.has_failure, e.failing_since is not null as was_failing, now() as at
      from endpoints e join by_endpoint b on b.endpoint_id = e.id
      where e.shard = ${shard} and (
        (has_success and (e.failing_since is not null
          or coalesce(e.last_success_at, '-infinity') < now() - ${healthEveryS} * interval '1 s'))
        or (has_failure and ((e.failing_since is null and not has_success)
          or coalesce(e.last_failure_at, '-infinity') < now() - ${healthEveryS} * interval '1 s')))
      order by e.id
      for no key update of e
    ), health as (
      update endpoints e
      set failing_since = case when c.has_success then null else coalesce(e.failing_since, c.at) end,
        last_success_at = case when c.has_success then c.at else e.last_success_at end,
        last_failure_at = case when c.has_failure then c.at else e.last_failure_at end
      from changed c
      where e.shard = ${shard} and e.id = c.id
      returning e.id, e.failing_since, c.was_failing
    )
    select h.delivery_id as "deliveryId", h.endpoint_id as "endpointId", h.kind, c.attempts as attempt,
      h.endpoint_id = any(array(
        select id from health
        where failing_since < now() - ${failingDaysMax} * interval '1 day')) as "isFailingTooLong",
      h.endpoint_id = any(array(
        select id from health where was_failing <> (failing_since is not null))) as "hasTurned"
    from held h left join counted c on c.id = h.delivery_id and c.is_attempt`;
}

async function insertAttempts(
  tx: Queryable,
  shard: number,
  attempts: readonly (DeliveryOutcome & { attempt: number })[],
): Promise<void> {
  await tx`
    insert into delivery_attempts (shard, delivery_id, attempt, started_at, latency_ms, status, error, answer)
    select ${shard}, * from unnest(
      ${attempts.map(a => a.deliveryId)}::uuid[], ${attempts.map(a => a.attempt)}::int2[],
      ${attempts.map(a => a.startedAt.toISOString())}::timestamptz[],
      ${attempts.map(a => Math.round(a.latencyMs))}::int4[], ${attempts.map(a => a.status)}::int2[],
      ${attempts.map(a => a.error)}::text[], ${attempts.map(a => a.answer)}::text[])`;
}
