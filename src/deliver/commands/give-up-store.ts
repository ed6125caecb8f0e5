import type { Queryable } from "../../database/connect.ts";

/**
 * Gives up what waits for an endpoint that is disabled or deleted, at most `rowsMax` rows; answers how many. They are `failed`
 * from then on, and `recover` sends them. What is being attempted right now is left to its holder, who gives it up in recording.
 */
export async function giveUp(sql: Queryable, shard: number, endpointId: string, rowsMax: number): Promise<number> {
  const rows = await sql<{ id: string }[]>`
    with waiting as materialized (
      select q.order_key, q.sequence, q.delivery_id from delivery_queue q
      where q.shard = ${shard} and q.endpoint_id = ${endpointId} and (q.lease_id is null or q.due_at <= now())
        and not exists (
          select from endpoints e where e.shard = ${shard} and e.id = ${endpointId} and e.enabled and e.deleted_at is null)
      order by q.lane, q.due_at
      limit ${rowsMax}
      for update skip locked
    ), done as (
      delete from delivery_queue q using waiting w
      where q.shard = ${shard} and q.order_key = w.order_key and q.sequence = w.sequence and q.delivery_id = w.delivery_id
    )
    update deliveries d set state = 'failed', finished_at = now()
    from waiting w where d.shard = ${shard} and d.id = w.delivery_id
    returning d.id`;
  return rows.length;
}
