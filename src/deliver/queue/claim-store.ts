import type { Queryable } from "../../database/connect.ts";
import type { Vault } from "../../database/vault/vault.ts";
import { openBody } from "../../outbox/fan-out-store.ts";
import type { ClaimedDelivery } from "../delivery.ts";

/** How many deliveries of one endpoint may be claimed. */
export type ClaimRequest = {
  endpointId: string;
  capacity: number;
  /**
   * Only rows that became due in the last so many ms are read, since a claim has taken the older ones; null: all rows.
   * Spares the walk over rows that vacuum has not removed yet.
   */
  dueWithinMs: number | null;
};

/** `parked`: rows by endpoint that were postponed because an earlier event of the same transaction is still queued. */
export type DeliveryClaim = { claimed: ClaimedDelivery[]; parked: Map<string, number> };

/** The longest that a parked row waits, in s, should it never be released. */
const parkedMaxS = 300;

/**
 * Leases due deliveries of some endpoints of one shard, of each endpoint up to its capacity: first attempts before
 * retries before replays. The lease is the due time: until it ends no other claim finds the row, and `lease_id` fences
 * off a holder that writes too late (ADR 0005).
 *
 * An event waits while an earlier event of its transaction is queued for the same endpoint (a replay holds up replays
 * only). It is parked, that is, its due time is put off, so that the next claims do not walk over the backlog of a dead
 * endpoint; `releaseNext` makes it due again.
 *
 * `is not distinct from` in place of an equality keeps an index out of the planner's choice: with old statistics the
 * planner takes the index by endpoint and walks a backlog for each row.
 */
export async function claimDue(
  sql: Queryable,
  shard: number,
  requests: readonly ClaimRequest[],
  lease: { id: string; ms: number },
): Promise<DeliveryClaim> {
  const rows = await sql<ClaimedRow[]>`
    with request as (
      select * from unnest(
        ${requests.map(r => r.endpointId)}::uuid[], ${requests.map(r => r.capacity)}::int4[],
        ${requests.map(r => r.dueWithinMs)}::float8[]
      ) as request (endpoint_id, capacity, due_within_ms)
    ), picked as materialized (
      -- Rows are locked as they are found, in the order of the index. The priorities are read one after the other, and
      -- the outer limit ends the walk, so that no more rows are locked than are taken.
      select due.* from request
      join endpoints e on e.shard = ${shard} and e.id = request.endpoint_id and e.enabled and e.deleted_at is null
      cross join lateral (
        select row.* from (values (0), (1), (2)) as priorities (priority)
        cross join lateral (
          select q.shard, q.endpoint_id, q.order_key, q.sequence, q.delivery_id, q.attempts,
            q.lane as priority, q.due_at
          from delivery_queue q
          where q.shard = ${shard} and q.endpoint_id = request.endpoint_id and q.lane = priorities.priority
            and q.due_at <= now()
            and q.due_at >= coalesce(now() - request.due_within_ms * interval '1 ms', '-infinity')
          order by q.due_at
          limit request.capacity
          for update skip locked
        ) row
        limit request.capacity
      ) due
    ), ordered as materialized (
      select picked.*, earlier.due_at as waits_for from picked
      left join lateral (
        select b.due_at from delivery_queue b
        where b.shard = ${shard} and b.order_key = picked.order_key and b.sequence < picked.sequence
          and b.endpoint_id is not distinct from picked.endpoint_id and (b.lane < 2 or picked.priority = 2)
        order by b.sequence
        limit 1
      ) earlier on true
    ), leased as (
      update delivery_queue q
      set lease_id = ${lease.id}, due_at = date_trunc('milliseconds', now()) + ${lease.ms} * interval '1 ms'
      from ordered o
      where q.shard = o.shard and q.order_key = o.order_key and q.sequence = o.sequence
        and q.delivery_id = o.delivery_id
        and o.waits_for is null
      returning q.endpoint_id, q.order_key, q.sequence, q.delivery_id, q.attempts
    ), parked as (
      -- Only rows that are still as this statement's snapshot has them. A row that was released meanwhile has another
      -- due time, and the row that it waited for is still in the snapshot although it is deleted.
      update delivery_queue q
      set due_at = least(
        greatest(o.waits_for, date_trunc('milliseconds', now()) + ${lease.ms} * interval '1 ms'),
        date_trunc('milliseconds', now()) + ${parkedMaxS} * interval '1 s')
      from ordered o
      join delivery_queue seen on seen.shard = o.shard and seen.order_key = o.order_key and seen.sequence = o.sequence
        and seen.delivery_id = o.delivery_id and seen.due_at is not distinct from o.due_at
      where q.shard = o.shard and q.order_key = o.order_key and q.sequence = o.sequence
        and q.delivery_id = o.delivery_id
        and o.waits_for is not null
      returning q.endpoint_id, q.order_key, q.sequence, q.delivery_id, q.attempts
    )
    select l.endpoint_id as "endpointId", l.order_key as "orderKey", l.sequence,
      l.delivery_id as "deliveryId", l.attempts, d.attempts = 0 as "isFirst", d.event_id as "eventId", e.environment,
      e.sealed, e.body
    from leased l
    join deliveries d on d.shard = ${shard} and d.id = l.delivery_id
    join events e on e.shard = ${shard} and e.id = d.event_id
    union all
    select endpoint_id, order_key, sequence, delivery_id, attempts, false, null, null, null, null from parked`;

  const parked = new Map<string, number>();
  for (const row of rows) {
    if (row.eventId === null) parked.set(row.endpointId, (parked.get(row.endpointId) ?? 0) + 1);
  }
  return { claimed: rows.flatMap(row => claimedDelivery(row, sql.vault) ?? []), parked };
}

/** Without an event the row was parked. */
type ClaimedRow = Omit<ClaimedDelivery, "eventId" | "body" | "environment"> & {
  eventId: string | null;
  environment: ClaimedDelivery["environment"];
  sealed: Uint8Array | null;
  body: string | null;
};

function claimedDelivery({ eventId, environment, ...row }: ClaimedRow, vault: Vault): ClaimedDelivery | null {
  if (eventId === null) return null;
  const { sealed, body: plain, ...position } = row;
  const body = openBody({ id: eventId, sealed, body: plain }, vault);
  return { ...position, eventId, body, environment: environment ?? environmentIn(body) };
}

/** Events about an endpoint have no environment in their column, so that every endpoint takes them. */
function environmentIn(body: string): ClaimedDelivery["environment"] {
  const { data } = JSON.parse(body) as { data?: { environment?: ClaimedDelivery["environment"] } };
  return data?.environment ?? null;
}
