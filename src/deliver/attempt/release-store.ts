import type { Queryable } from "../../database/connect.ts";
import type { QueuePosition } from "../delivery.ts";

/**
 * Makes the next event of each order due, after the event before it was recorded as finished. Returns the endpoints
 * with an event that is due now.
 *
 * A statement of its own after that commit, so that it sees every row that a claim has parked because of the event
 * before. The due time always changes: a claim that parks the row at the same moment notices by it.
 */
export async function releaseNext(
  sql: Queryable,
  shard: number,
  finished: readonly QueuePosition[],
): Promise<string[]> {
  const rows = await sql<{ endpoint_id: string }[]>`
    with finished as (
      select * from unnest(
        ${finished.map(p => p.endpointId)}::uuid[], ${finished.map(p => p.orderKey)}::uuid[],
        ${finished.map(p => p.sequence)}::int4[]
      ) as finished (endpoint_id, order_key, sequence)
    ), next as materialized (
      select n.* from finished
      cross join (values (false), (true)) as priorities (is_replay)
      cross join lateral (
        select q.order_key, q.sequence, q.delivery_id, q.due_at - interval '1 ms' as earlier from delivery_queue q
        where q.shard = ${shard} and q.order_key = finished.order_key and q.sequence > finished.sequence
          and q.endpoint_id is not distinct from finished.endpoint_id and (q.lane = 2) = priorities.is_replay
        order by q.sequence
        fetch first row with ties
      ) n
    )
    update delivery_queue q
    set due_at = least(date_trunc('milliseconds', now()), next.earlier)
    from next
    where q.shard = ${shard} and q.order_key = next.order_key and q.sequence = next.sequence
      and q.delivery_id = next.delivery_id and q.lease_id is null and q.attempts = 0
    returning q.endpoint_id`;
  return [...new Set(rows.map(row => row.endpoint_id))];
}
