import type { Queryable } from "../../database/connect.ts";

/** Queues deliveries, due at once: the place of each is its event's. `lane` is the queue's priority. */
export async function queueDeliveries(
  tx: Queryable,
  shard: number,
  ids: readonly string[],
  lane: 1 | 2,
): Promise<void> {
  await tx`
    insert into delivery_queue (shard, endpoint_id, order_key, sequence, delivery_id, due_at, lane)
    select d.shard, d.endpoint_id, coalesce(e.transaction_id, e.id), coalesce(e.sequence, 1), d.id,
      date_trunc('milliseconds', now()), ${lane}::smallint
    from deliveries d join events e on e.shard = ${shard} and e.id = d.event_id
    where d.shard = ${shard} and d.id = any(${ids as string[]}::uuid[])`;
}
