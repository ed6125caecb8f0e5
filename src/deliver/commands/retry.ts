import type { Queryable } from "../../database/connect.ts";

export type RetryResult = "queued" | "being sent" | "endpoint disabled" | "endpoint deleted";

/**
 * Queues one delivery again, also a delivered one, from the beginning of its schedule. A delivery that waits for a
 * retry becomes due now and keeps its place in the schedule; a pending one without a row in the queue gets one; one
 * that is being sent is left alone. Null where there is no such delivery.
 */
export async function retry(
  sql: Queryable,
  shard: number,
  deliveryId: string,
): Promise<{ outcome: RetryResult; endpointId: string } | null> {
  const [row] = await sql<{ endpointId: string; isEnabled: boolean; isDeleted: boolean; isQueued: boolean }[]>`
    with wanted as (
      select d.id, d.endpoint_id, d.state, e.enabled, e.deleted_at is not null as is_deleted, ev.id as event_id,
        coalesce(ev.transaction_id, ev.id) as order_key, coalesce(ev.sequence, 1) as sequence
      from deliveries d
      join endpoints e on e.shard = ${shard} and e.id = d.endpoint_id
      join events ev on ev.shard = ${shard} and ev.id = d.event_id
      where d.shard = ${shard} and d.id = ${deliveryId}
      for update of d
    ), pending as (
      update deliveries d set state = 'pending', finished_at = null from wanted w
      where d.shard = ${shard} and d.id = w.id and w.enabled and not w.is_deleted and (w.state <> 'pending'
        or not exists (select from delivery_queue q where q.shard = ${shard} and q.order_key = w.order_key
          and q.sequence = w.sequence and q.delivery_id = w.id))
      returning d.id
    ), queued as (
      insert into delivery_queue (shard, endpoint_id, order_key, sequence, delivery_id, due_at, lane)
      select ${shard}, w.endpoint_id, w.order_key, w.sequence, w.id, date_trunc('milliseconds', now()), 1
      from wanted w join pending p on p.id = w.id
      returning delivery_id
    ), due_now as (
      update delivery_queue q set due_at = date_trunc('milliseconds', now()) from wanted w
      where q.shard = ${shard} and q.order_key = w.order_key and q.sequence = w.sequence and q.delivery_id = w.id
        and q.lease_id is null and w.enabled and not w.is_deleted
      returning q.delivery_id
    )
    select w.endpoint_id as "endpointId", w.enabled as "isEnabled", w.is_deleted as "isDeleted",
      exists (select from queued) or exists (select from due_now) as "isQueued"
    from wanted w`;
  if (!row) return null;
  const { endpointId, isEnabled, isDeleted, isQueued } = row;
  if (isDeleted) return { outcome: "endpoint deleted", endpointId };
  if (!isEnabled) return { outcome: "endpoint disabled", endpointId };
  return { outcome: isQueued ? "queued" : "being sent", endpointId };
}
