import type { Queryable } from "../../database/connect.ts";

/**
 * Fails pending deliveries of an endpoint that is disabled or deleted, at most `rowsMax` (ADR 0008). Returns how many.
 * `recover` sends them again. Deliveries that are being attempted are left to the recording of their outcome.
 */
export async function failPendingBatch(
  sql: Queryable,
  shard: number,
  endpointId: string,
  rowsMax: number,
): Promise<number> {
  const rows = await sql<{ id: string }[]>`
    with pending as materialized (
      select q.order_key, q.sequence, q.delivery_id from delivery_queue q
      where q.shard = ${shard} and q.endpoint_id = ${endpointId} and (q.lease_id is null or q.due_at <= now())
        and not exists (
          select 1 from endpoints e where e.shard = ${shard} and e.id = ${endpointId}
            and e.enabled and e.deleted_at is null)
      order by q.lane, q.due_at
      limit ${rowsMax}
      for update skip locked
    ), removed as (
      delete from delivery_queue q using pending p
      where q.shard = ${shard} and q.order_key = p.order_key and q.sequence = p.sequence
        and q.delivery_id = p.delivery_id
    )
    update deliveries d set state = 'failed', finished_at = now()
    from pending p where d.shard = ${shard} and d.id = p.delivery_id
    returning d.id`;
  return rows.length;
}
