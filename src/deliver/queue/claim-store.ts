import type { Queryable } from "../../database/connect.ts";

/** How much may be claimed of one endpoint. */
export type ClaimRequest = {
  endpointId: string;
  /** Rows. */
  capacity: number;
  /** What fell due longer ago than this was claimed before, in ms; null: unknown. Spares the walk over what vacuum has not removed. */
  sinceMs: number | null;
};

/** The place of a delivery in the queue. */
export type QueuePosition = { endpointId: string; orderKey: string; sequence: number; deliveryId: string };

export type ClaimedDelivery = QueuePosition & { eventId: string; body: string; attempts: number; priority: number };

/** `parked`: how many rows of each endpoint were put off because an earlier event of the same transaction is on its way. */
export type DeliveryClaim = { claimed: ClaimedDelivery[]; parked: Map<string, number> };

/** What waits for another event is looked at again after this long, in s, should nobody have let it go. */
const parkedMaxS = 300;

/**
 * Leases what is due of some endpoints of one shard, each up to its capacity, first attempts before retries before replays. The
 * lease is the due time: while it runs nobody else finds the row, and `lease_id` fences off a holder who wakes too late.
 *
 * An event waits while an earlier one of its transaction is queued for the same endpoint (a replay holds up replays only). It is
 * parked, that is put off, so that what waits for a dead endpoint is not walked over by each claim; `releaseNext` lets it go.
 *
 * `is not distinct from` where an equality would do keeps an index out of the planner's choice: with old statistics it takes the
 * one by endpoint and walks a backlog for each row.
 */
export async function claimDue(
  sql: Queryable,
  shard: number,
  asks: readonly ClaimRequest[],
  lease: { id: string; ms: number },
): Promise<DeliveryClaim> {
  const rows = await sql<
    (Omit<ClaimedDelivery, "eventId" | "body"> & { eventId: string | null; body: string | null })[]
  >`
    with asked as (
      select * from unnest(
        ${asks.map(a => a.endpointId)}::uuid[], ${asks.map(a => a.capacity)}::int4[], ${asks.map(a => a.sinceMs)}::float8[]
      ) as asked (endpoint_id, capacity, since_ms)
    ), picked as materialized (
      -- Locked where they are found, in the order of the index. The lanes come one after the other, and the outer limit stops
      -- the walk, so no more rows are locked than are taken.
      select due.* from asked
      join endpoints e on e.shard = ${shard} and e.id = asked.endpoint_id and e.enabled and e.deleted_at is null
      cross join lateral (
        select row.* from (values (0), (1), (2)) as lanes (lane)
        cross join lateral (
          select q.shard, q.endpoint_id, q.order_key, q.sequence, q.delivery_id, q.attempts, q.lane, q.due_at
          from delivery_queue q
          where q.shard = ${shard} and q.endpoint_id = asked.endpoint_id and q.lane = lanes.lane and q.due_at <= now()
            and q.due_at >= coalesce(now() - asked.since_ms * interval '1 ms', '-infinity')
          order by q.due_at
          limit asked.capacity
          for update skip locked
        ) row
        limit asked.capacity
      ) due
    ), judged as materialized (
      select picked.*, earlier.due_at as waits_for from picked
      left join lateral (
        select b.due_at from delivery_queue b
        where b.shard = ${shard} and b.order_key = picked.order_key and b.sequence < picked.sequence
          and b.endpoint_id is not distinct from picked.endpoint_id and (b.lane < 2 or picked.lane = 2)
        order by b.sequence
        limit 1
      ) earlier on true
    ), leased as (
      update delivery_queue q
      set lease_id = ${lease.id}, due_at = date_trunc('milliseconds', now()) + ${lease.ms} * interval '1 ms'
      from judged j
      where q.shard = j.shard and q.order_key = j.order_key and q.sequence = j.sequence and q.delivery_id = j.delivery_id
        and j.waits_for is null
      returning q.endpoint_id, q.order_key, q.sequence, q.delivery_id, q.attempts, q.lane
    ), parked as (
      -- Only a row that is still as this statement's snapshot has it: one that was let go meanwhile has another due time, and
      -- what it waited for is seen here although it is gone.
      update delivery_queue q
      set due_at = least(
        greatest(j.waits_for, date_trunc('milliseconds', now()) + ${lease.ms} * interval '1 ms'),
        date_trunc('milliseconds', now()) + ${parkedMaxS} * interval '1 s')
      from judged j
      join delivery_queue seen on seen.shard = j.shard and seen.order_key = j.order_key and seen.sequence = j.sequence
        and seen.delivery_id = j.delivery_id and seen.due_at is not distinct from j.due_at
      where q.shard = j.shard and q.order_key = j.order_key and q.sequence = j.sequence and q.delivery_id = j.delivery_id
        and j.waits_for is not null
      returning q.endpoint_id, q.order_key, q.sequence, q.delivery_id, q.attempts, q.lane
    )
    select l.endpoint_id as "endpointId", l.order_key as "orderKey", l.sequence, l.delivery_id as "deliveryId", l.attempts,
      l.lane as "priority", d.event_id as "eventId", e.body
    from leased l
    join deliveries d on d.shard = ${shard} and d.id = l.delivery_id
    join events e on e.shard = ${shard} and e.id = d.event_id
    union all
    select endpoint_id, order_key, sequence, delivery_id, attempts, lane, null, null from parked`;

  const parked = new Map<string, number>();
  for (const row of rows) {
    if (row.eventId === null) parked.set(row.endpointId, (parked.get(row.endpointId) ?? 0) + 1);
  }
  return { claimed: rows.filter((row): row is ClaimedDelivery => row.eventId !== null), parked };
}

/**
 * Lets the next event of each order go, after the one before it was recorded as done. Its own statement, after that commit: so it
 * sees every row that a claim can have parked on seeing the one before. The due time always changes, which tells such a claim.
 */
export async function releaseNext(sql: Queryable, shard: number, done: readonly QueuePosition[]): Promise<string[]> {
  const rows = await sql<{ endpoint_id: string }[]>`
    with done as (
      select * from unnest(
        ${done.map(p => p.endpointId)}::uuid[], ${done.map(p => p.orderKey)}::uuid[], ${done.map(p => p.sequence)}::int4[]
      ) as done (endpoint_id, order_key, sequence)
    ), next as materialized (
      select n.* from done
      cross join (values (false), (true)) as lanes (is_replay)
      cross join lateral (
        select q.shard, q.order_key, q.sequence, q.delivery_id from delivery_queue q
        where q.shard = ${shard} and q.order_key = done.order_key and q.sequence > done.sequence
          and q.endpoint_id is not distinct from done.endpoint_id and (q.lane = 2) = lanes.is_replay
        order by q.sequence
        fetch first row with ties
      ) n
    )
    update delivery_queue q
    set due_at = least(date_trunc('milliseconds', now()), q.due_at - interval '1 ms')
    from next
    where q.shard = next.shard and q.order_key = next.order_key and q.sequence = next.sequence
      and q.delivery_id = next.delivery_id and q.lease_id is null and q.attempts = 0
    returning q.endpoint_id`;
  return [...new Set(rows.map(row => row.endpoint_id))];
}
