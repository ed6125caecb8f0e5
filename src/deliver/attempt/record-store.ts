import type { Queryable, Sql } from "../../database/connect.ts";
import type { QueuePosition } from "../delivery.ts";

/**
 * The outcome of an attempt as it is recorded. `unsent` returns the delivery to the queue without counting an attempt.
 */
export type DeliveryOutcome = QueuePosition & {
  leaseId: string;
  /** No attempt at the delivery was made before. */
  isFirst: boolean;
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
  /** The number of the attempt among all of the delivery; null where none was made. */
  attempt: number | null;
  /** An event of the same order is queued for the endpoint. */
  hasNext: boolean;
  /** Every attempt at the endpoint has failed for five days. */
  isFailingTooLong: boolean;
};

/** After how many days without a success an endpoint is disabled. */
const failingDaysMax = 5;
/** While an endpoint's health does not change, it is written at most this often, in s. */
const healthEveryS = 10;

/**
 * Records outcomes of one shard, each only while its lease is held. A retry for an endpoint that was disabled meanwhile
 * is recorded as failed: no delivery is pending for a disabled endpoint (ADR 0008). Repeating this after a lost reply
 * changes nothing, because the leases have ended.
 *
 * A first attempt that delivered is written into the delivery's own row: most deliveries need no other, and one
 * statement. Other attempts have rows of their own, in the same database transaction.
 */
export async function recordOutcomes(
  sql: Sql,
  shard: number,
  outcomes: readonly DeliveryOutcome[],
): Promise<RecordedOutcome[]> {
  if (outcomes.every(isFirstSuccess)) return await endLeases(sql, shard, outcomes);
  return (await sql.begin(async tx => {
    const recorded = await endLeases(tx, shard, outcomes);
    await listAttempts(tx, shard, outcomes, recorded);
    return recorded;
  })) as RecordedOutcome[];
}

function isFirstSuccess({ isFirst, kind }: DeliveryOutcome): boolean {
  return isFirst && kind === "delivered";
}

/**
 * The shard comes with the rows beside the constant. With a constant alone the planner, as long as it takes the queue
 * for small, considers a walk through the whole shard as good as the key (seen: 372 outcomes beside 408 rows, 150,000
 * comparisons).
 */
async function endLeases(
  sql: Queryable,
  shard: number,
  outcomes: readonly DeliveryOutcome[],
): Promise<RecordedOutcome[]> {
  return await sql<RecordedOutcome[]>`
    with outcome as materialized (
      select ${shard}::smallint as shard, outcome.* from unnest(
        ${outcomes.map(o => o.endpointId)}::uuid[], ${outcomes.map(o => o.orderKey)}::uuid[],
        ${outcomes.map(o => o.sequence)}::int4[], ${outcomes.map(o => o.deliveryId)}::uuid[],
        ${outcomes.map(o => o.leaseId)}::uuid[], ${outcomes.map(o => o.kind)}::text[],
        ${outcomes.map(o => o.delayMs)}::float8[],
        ${outcomes.map(o => (isFirstSuccess(o) ? o.startedAt.toISOString() : null))}::timestamptz[],
        ${outcomes.map(o => Math.round(o.latencyMs))}::int4[], ${outcomes.map(o => o.status)}::int2[],
        ${outcomes.map(o => (isFirstSuccess(o) ? o.answer : null))}::text[]
      ) as outcome (endpoint_id, order_key, sequence, delivery_id, lease_id, kind, delay_ms, first_started_at,
        latency_ms, status, answer)
    ), held as materialized (
      -- Locked: the rows whose lease is still the holder's.
      select o.*,
        case when o.kind in ('retry', 'unsent') and e.id is null then 'failed' else o.kind end as recorded_kind,
        o.kind <> 'unsent' as is_attempt, now() as at,
        date_trunc('milliseconds', now()) + o.delay_ms * interval '1 ms' as due_at,
        q.attempts + case when o.kind = 'retry' then 1 else 0 end as round,
        case when o.kind = 'retry' then greatest(q.lane, 1) else q.lane end as lane
      from outcome o
      join delivery_queue q on q.shard = o.shard and q.shard = ${shard} and q.order_key = o.order_key
        and q.sequence = o.sequence and q.delivery_id = o.delivery_id and q.lease_id = o.lease_id
      left join endpoints e on e.shard = ${shard} and e.id = o.endpoint_id and e.enabled and e.deleted_at is null
      for update of q
    ), finished as (
      delete from delivery_queue q using held h
      where q.shard = h.shard and q.shard = ${shard} and q.order_key = h.order_key and q.sequence = h.sequence
        and q.delivery_id = h.delivery_id and h.recorded_kind in ('delivered', 'failed')
    ), requeued as (
      update delivery_queue q set due_at = h.due_at, lease_id = null, attempts = h.round, lane = h.lane
      from held h
      where q.shard = h.shard and q.shard = ${shard} and q.order_key = h.order_key and q.sequence = h.sequence
        and q.delivery_id = h.delivery_id and h.recorded_kind in ('retry', 'unsent')
    ), counted as (
      update deliveries d
      set attempts = d.attempts + case when h.is_attempt then 1 else 0 end,
        state = case when h.recorded_kind in ('delivered', 'failed') then h.recorded_kind else d.state end,
        finished_at = case when h.recorded_kind in ('delivered', 'failed') then h.at end,
        first_started_at = coalesce(d.first_started_at, h.first_started_at),
        first_latency_ms = case when h.first_started_at is null then d.first_latency_ms else h.latency_ms end,
        first_status = case when h.first_started_at is null then d.first_status else h.status end,
        first_answer = case when h.first_started_at is null then d.first_answer else h.answer end
      from held h
      where d.shard = h.shard and d.shard = ${shard} and d.id = h.delivery_id and h.recorded_kind <> 'unsent'
      returning d.id, d.attempts
    ), by_endpoint as (
      select endpoint_id, bool_or(recorded_kind = 'delivered') as has_success,
        bool_or(recorded_kind <> 'delivered') as has_failure
      from held where is_attempt group by endpoint_id
    ), changed as materialized (
      -- In the order of ids, so that two recordings never wait for each other in a circle.
      select e.id, case when has_success then null else coalesce(e.failing_since, now()) end as failing_since,
        case when has_success then now() else e.last_success_at end as last_success_at,
        case when has_failure then now() else e.last_failure_at end as last_failure_at,
        not has_success and e.failing_since < now() - ${failingDaysMax} * interval '1 day' as is_failing_too_long
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
      set failing_since = c.failing_since, last_success_at = c.last_success_at, last_failure_at = c.last_failure_at
      from changed c
      where e.shard = ${shard} and e.id = c.id
    )
    select h.delivery_id as "deliveryId", h.endpoint_id as "endpointId", h.recorded_kind as kind, c.attempts as attempt,
      coalesce(h.endpoint_id = any(array(select id from changed where is_failing_too_long)), false)
        as "isFailingTooLong",
      exists (
        select 1 from delivery_queue n
        where n.shard = ${shard} and n.order_key = h.order_key and n.sequence > h.sequence
          and n.endpoint_id is not distinct from h.endpoint_id
      ) as "hasNext"
    from held h left join counted c on c.id = h.delivery_id`;
}

/** Writes the attempts that were recorded, each under its number. */
async function listAttempts(
  tx: Queryable,
  shard: number,
  outcomes: readonly DeliveryOutcome[],
  recorded: readonly RecordedOutcome[],
): Promise<void> {
  const numbers = new Map(recorded.map(row => [row.deliveryId, row.attempt]));
  const listed = outcomes.filter(o => o.kind !== "unsent" && !isFirstSuccess(o) && numbers.get(o.deliveryId));
  if (listed.length === 0) return;
  await tx`
    insert into delivery_attempts (shard, delivery_id, attempt, started_at, latency_ms, status, error, answer)
    select ${shard}, * from unnest(
      ${listed.map(o => o.deliveryId)}::uuid[], ${listed.map(o => numbers.get(o.deliveryId)!)}::int2[],
      ${listed.map(o => o.startedAt.toISOString())}::timestamptz[], ${listed.map(o => Math.round(o.latencyMs))}::int4[],
      ${listed.map(o => o.status)}::int2[], ${listed.map(o => o.error)}::text[], ${listed.map(o => o.answer)}::text[])`;
}
