import type { Queryable } from "../../database/connect.ts";

/** Makes deliveries of a lease due at once. Those whose lease was lost stay as they are. */
export async function releaseLeased(
  sql: Queryable,
  shard: number,
  leaseId: string,
  deliveries: readonly { id: string; orderKey: string; sequence: number }[],
): Promise<void> {
  await sql`
    update delivery_queue q set lease_id = null, due_at = date_trunc('milliseconds', now())
    from unnest(
      ${deliveries.map(d => d.orderKey)}::uuid[], ${deliveries.map(d => d.sequence)}::int4[],
      ${deliveries.map(d => d.id)}::uuid[]
    ) as held (order_key, sequence, delivery_id)
    where q.shard = ${shard} and q.order_key = held.order_key and q.sequence = held.sequence
      and q.delivery_id = held.delivery_id and q.lease_id = ${leaseId}`;
}
