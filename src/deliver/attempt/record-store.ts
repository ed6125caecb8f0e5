import type { Queryable } from "../../database/connect.ts";
import type { QueuePosition } from "../queue/claim-store.ts";

/** What is to be written of an attempt. `unsent` gives the delivery back without counting an attempt. */
export type DeliveryOutcome = QueuePosition & {
  leaseId: string;
  kind: "delivered" | "retry" | "failed" | "unsent";
  /** Until the next attempt, in ms; of `retry` and `unsent`. */
  waitMs: number;
  startedAt: Date;
  latencyMs: number;
  status: number | null;
  error: string | null;
  answer: string | null;
};

/** What was written. An outcome whose lease was lost is not among them, and left no trace. */
export type RecordedOutcome = {
  deliveryId: string;
  endpointId: string;
  kind: DeliveryOutcome["kind"];
  /** Its endpoint has had nothing but failures for five days. */
  isHopeless: boolean;
};

/** How long nothing but failures disables an endpoint, in days. */
const hopelessAfterDays = 5;
/** An endpoint's health is written anew at most this often while it stays as it is, in s. */
const healthEveryS = 10;

/**
 * Records the outcomes of one shard in one statement, each only while its lease is still the holder's. A retry for an endpoint that
 * was disabled meanwhile is a failure: nothing pending waits for an endpoint that gets nothing. Written again after a lost reply it
 * changes nothing: the leases are gone.
 *
 * The shard comes along with the rows, not as a constant beside them: with a constant the planner, while it takes the queue for
 * small, finds a walk through the whole shard as good as the key (seen: 372 outcomes beside 408 rows, 150,000 comparisons).
 */
export async function recordOutcomes(
  sql: Queryable,
  shard: number,
  outcomes: readonly DeliveryOutcome[],
): Promise<RecordedOutcome[]> {
  return await sql<RecordedOutcome[]>`
    with told as materialized (
      select ${shard}::smallint as shard, told.* from unnest(
        ${outcomes.map(o => o.endpointId)}::uuid[], ${outcomes.map(o => o.orderKey)}::uuid[],
        ${outcomes.map(o => o.sequence)}::int4[], ${outcomes.map(o => o.deliveryId)}::uuid[],
        ${outcomes.map(o => o.leaseId)}::uuid[], ${outcomes.map(o => o.kind)}::text[],
        ${outcomes.map(o => o.waitMs)}::float8[], ${outcomes.map(o => o.startedAt.toISOString())}::timestamptz[],
        ${outcomes.map(o => Math.round(o.latencyMs))}::int4[], ${outcomes.map(o => o.status)}::int2[],
        ${outcomes.map(o => o.error)}::text[], ${outcomes.map(o => o.answer)}::text[]
      ) as told (endpoint_id, order_key, sequence, delivery_id, lease_id, kind, wait_ms, started_at, latency_ms, status,
        error, answer)
    ), held as materialized (
      select told.shard, told.endpoint_id, told.order_key, told.sequence, told.delivery_id, told.wait_ms, told.started_at,
        told.latency_ms, told.status, told.error, told.answer,
        case when told.kind in ('retry', 'unsent') and e.id is null then 'failed' else told.kind end as kind,
        told.kind <> 'unsent' as is_attempt
      from told
      join delivery_queue q on q.shard = told.shard and q.order_key = told.order_key and q.sequence = told.sequence
        and q.delivery_id = told.delivery_id and q.lease_id = told.lease_id
      left join endpoints e on e.shard = ${shard} and e.id = told.endpoint_id and e.enabled and e.deleted_at is null
      for update of q
    ), done as (
      delete from delivery_queue q using held h
      where q.shard = h.shard and q.order_key = h.order_key and q.sequence = h.sequence and q.delivery_id = h.delivery_id
        and h.kind in ('delivered', 'failed')
    ), again as (
      update delivery_queue q
      set due_at = date_trunc('milliseconds', now()) + h.wait_ms * interval '1 ms', lease_id = null,
        attempts = q.attempts + case h.kind when 'retry' then 1 else 0 end,
        lane = case h.kind when 'retry' then greatest(q.lane, 1) else q.lane end
      from held h
      where q.shard = h.shard and q.order_key = h.order_key and q.sequence = h.sequence and q.delivery_id = h.delivery_id
        and h.kind in ('retry', 'unsent')
    ), counted as (
      update deliveries d
      set attempts = d.attempts + case when h.is_attempt then 1 else 0 end,
        state = case when h.kind in ('delivered', 'failed') then h.kind else d.state end,
        finished_at = case when h.kind in ('delivered', 'failed') then now() end
      from held h
      where d.shard = h.shard and d.id = h.delivery_id and h.kind <> 'unsent'
      returning d.id, d.attempts, h.started_at, h.latency_ms, h.status, h.error, h.answer, h.is_attempt
    ), tried as (
      insert into delivery_attempts (shard, delivery_id, attempt, started_at, latency_ms, status, error, answer)
      select ${shard}, id, attempts, started_at, latency_ms, status, error, answer from counted where is_attempt
    ), seen as (
      select endpoint_id, bool_or(kind = 'delivered') as is_well, bool_or(kind <> 'delivered') as is_ill
      from held where is_attempt group by endpoint_id
    ), news as (
      -- In the order of ids, so that two recordings never wait for each other in a circle.
      select e.id, seen.is_well, seen.is_ill
      from endpoints e join seen on seen.endpoint_id = e.id
      where e.shard = ${shard} and (
        (is_well and (e.failing_since is not null or coalesce(e.last_success_at, '-infinity') < now() - ${healthEveryS} * interval '1 s'))
        or (is_ill and ((e.failing_since is null and not is_well)
          or coalesce(e.last_failure_at, '-infinity') < now() - ${healthEveryS} * interval '1 s')))
      order by e.id
      for no key update of e
    ), health as (
      update endpoints e
      set failing_since = case when news.is_well then null else coalesce(e.failing_since, now()) end,
        last_success_at = case when news.is_well then now() else e.last_success_at end,
        last_failure_at = case when news.is_ill then now() else e.last_failure_at end
      from news
      where e.shard = ${shard} and e.id = news.id
      returning e.id, e.failing_since < now() - ${hopelessAfterDays} * interval '1 day' as is_hopeless
    )
    select delivery_id as "deliveryId", endpoint_id as "endpointId", kind,
      endpoint_id = any(array(select id from health where is_hopeless)) as "isHopeless"
    from held`;
}
