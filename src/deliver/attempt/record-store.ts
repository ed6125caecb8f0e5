import type { Queryable } from "../../database/connect.ts";
import type { Vault } from "../../database/vault/vault.ts";
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

/** An answer may repeat what was sent. Most are empty. */
function sealAnswer({ deliveryId, answer }: DeliveryOutcome, vault: Vault): string | null {
  return answer ? vault.seal("delivery_attempts", deliveryId, answer).toString("base64") : null;
}

/** What was recorded of an outcome. An outcome whose lease was lost is not recorded at all. */
export type RecordedOutcome = {
  deliveryId: string;
  endpointId: string;
  kind: DeliveryOutcome["kind"];
  /** An event of the same order is queued for the endpoint. */
  hasNext: boolean;
  /** Every attempt at the endpoint has failed for five days. */
  isFailingTooLong: boolean;
  /** The endpoint began to fail with this batch, or ended to. */
  hasTurned: boolean;
};

/** After how many days without a success an endpoint is disabled. */
const failingDaysMax = 5;
/** While an endpoint's health does not change, it is written at most this often, in s. */
const healthEveryS = 10;

/** Whether an attempt is written into its delivery's own row: most deliveries need no other, and one statement. */
export function isFirstSuccess({ isFirst, kind }: Pick<DeliveryOutcome, "isFirst" | "kind">): boolean {
  return isFirst && kind === "delivered";
}

/**
 * Records outcomes of one shard in one statement, each only while its lease is held. A retry for an endpoint that was
 * disabled meanwhile is recorded as failed: no delivery is pending for a disabled endpoint (ADR 0008). Repeating the
 * statement after a lost reply changes nothing, because the leases have ended.
 *
 * The shard comes with the rows and not as a constant beside them. With a constant the planner, as long as it takes the
 * queue for small, considers a walk through the whole shard as good as the key (seen: 372 outcomes beside 408 rows,
 * 150,000 comparisons).
 */
export async function recordOutcomes(
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
        ${outcomes.map(o => o.delayMs)}::float8[], ${outcomes.map(o => o.startedAt.toISOString())}::timestamptz[],
        ${outcomes.map(o => Math.round(o.latencyMs))}::int4[], ${outcomes.map(o => o.status)}::int2[],
        ${outcomes.map(o => o.error)}::text[], ${outcomes.map(o => sealAnswer(o, sql.vault))}::text[],
        ${outcomes.map(o => (isFirstSuccess(o) ? 1 : 0))}::int4[]
      ) as outcome (endpoint_id, order_key, sequence, delivery_id, lease_id, kind, delay_ms, started_at, latency_ms,
        status, error, sealed, first_successes)
    ), held as materialized (
      -- Locked: the rows whose lease is still the holder's.
      select o.shard, o.endpoint_id, o.order_key, o.sequence, o.delivery_id, o.delay_ms, o.started_at, o.latency_ms,
        o.status, o.error, decode(o.sealed, 'base64') as sealed, o.first_successes = 1 as is_first_success,
        case when o.kind in ('retry', 'unsent') and e.id is null then 'failed' else o.kind end as kind,
        o.kind <> 'unsent' as is_attempt
      from outcome o
      join delivery_queue q on q.shard = o.shard and q.order_key = o.order_key and q.sequence = o.sequence
        and q.delivery_id = o.delivery_id and q.lease_id = o.lease_id
      left join endpoints e on e.shard = ${shard} and e.id = o.endpoint_id and e.enabled and e.deleted_at is null
      for update of q
    ), finished as (
      delete from delivery_queue q using held h
      where q.shard = h.shard and q.order_key = h.order_key and q.sequence = h.sequence
        and q.delivery_id = h.delivery_id
        and h.kind in ('delivered', 'failed')
    ), requeued as (
      update delivery_queue q
      set due_at = date_trunc('milliseconds', now()) + h.delay_ms * interval '1 ms', lease_id = null,
        attempts = q.attempts + case h.kind when 'retry' then 1 else 0 end,
        lane = case h.kind when 'retry' then greatest(q.lane, 1) else q.lane end
      from held h
      where q.shard = h.shard and q.order_key = h.order_key and q.sequence = h.sequence
        and q.delivery_id = h.delivery_id
        and h.kind in ('retry', 'unsent')
    ), counted as (
      update deliveries d
      set attempts = d.attempts + case when h.is_attempt then 1 else 0 end,
        state = case when h.kind in ('delivered', 'failed') then h.kind else d.state end,
        finished_at = case when h.kind in ('delivered', 'failed') then now() end,
        first_started_at = case when h.is_first_success then h.started_at else d.first_started_at end,
        first_latency_ms = case when h.is_first_success then h.latency_ms else d.first_latency_ms end,
        first_status = case when h.is_first_success then h.status else d.first_status end,
        sealed = case when h.is_first_success then h.sealed else d.sealed end
      from held h
      where d.shard = h.shard and d.id = h.delivery_id and h.kind <> 'unsent'
      returning d.id, d.attempts, h.started_at, h.latency_ms, h.status, h.error, h.sealed,
        h.is_attempt and not h.is_first_success as is_listed
    ), listed as (
      insert into delivery_attempts (shard, delivery_id, attempt, started_at, latency_ms, status, error, sealed)
      select ${shard}, id, attempts, started_at, latency_ms, status, error, sealed from counted where is_listed
    ), by_endpoint as (
      select endpoint_id, bool_or(kind = 'delivered') as has_success, bool_or(kind <> 'delivered') as has_failure
      from held where is_attempt group by endpoint_id
    ), changed as (
      -- In the order of ids, so that two recordings never wait for each other in a circle.
      select e.id, b.has_success, b.has_failure, e.failing_since is not null as was_failing
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
      set failing_since = case when c.has_success then null else coalesce(e.failing_since, now()) end,
        last_success_at = case when c.has_success then now() else e.last_success_at end,
        last_failure_at = case when c.has_failure then now() else e.last_failure_at end
      from changed c
      where e.shard = ${shard} and e.id = c.id
      returning e.id, e.failing_since < now() - ${failingDaysMax} * interval '1 day' as is_failing_too_long,
        c.was_failing <> (e.failing_since is not null) as has_turned
    )
    select h.delivery_id as "deliveryId", h.endpoint_id as "endpointId", h.kind,
      h.endpoint_id = any(array(select id from health where is_failing_too_long)) as "isFailingTooLong",
      h.endpoint_id = any(array(select id from health where has_turned)) as "hasTurned",
      exists (
        select 1 from delivery_queue n
        where n.shard = h.shard and n.order_key = h.order_key and n.sequence > h.sequence
          and n.endpoint_id is not distinct from h.endpoint_id
      ) as "hasNext"
    from held h`;
}
