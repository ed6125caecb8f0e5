import type { Queryable } from "../../database/connect.ts";
import { queueDeliveries } from "./queue-deliveries-store.ts";

export type RetryResult = "queued" | "being sent" | "endpoint disabled" | "endpoint deleted";

/**
 * Queues one delivery again, also a delivered one, from the beginning of its schedule. A delivery that waits for a
 * retry becomes due now and keeps its place in the schedule; a pending one without a row in the queue gets one; one
 * that is being sent is left alone. Null where there is no such delivery. In a database transaction of the caller's.
 */
export async function retry(
  tx: Queryable,
  shard: number,
  deliveryId: string,
): Promise<{ outcome: RetryResult; endpointId: string } | null> {
  const wanted = await lockDelivery(tx, shard, deliveryId);
  if (wanted === null) return null;
  const { endpointId, isEnabled, isDeleted, needsRow } = wanted;
  if (isDeleted) return { outcome: "endpoint deleted", endpointId };
  if (!isEnabled) return { outcome: "endpoint disabled", endpointId };
  if (!needsRow) {
    return { outcome: (await makeDueNow(tx, shard, wanted)) ? "queued" : "being sent", endpointId };
  }
  await tx`
    update deliveries set state = 'pending', finished_at = null where shard = ${shard} and id = ${deliveryId}`;
  await queueDeliveries(tx, shard, [deliveryId], 1);
  return { outcome: "queued", endpointId };
}

type WantedDelivery = {
  id: string;
  endpointId: string;
  isEnabled: boolean;
  isDeleted: boolean;
  orderKey: string;
  sequence: number;
  /** The queue has no row of it. */
  needsRow: boolean;
};

async function lockDelivery(tx: Queryable, shard: number, id: string): Promise<WantedDelivery | null> {
  const [row] = await tx<WantedDelivery[]>`
    select d.id, d.endpoint_id as "endpointId", e.enabled as "isEnabled", e.deleted_at is not null as "isDeleted",
      coalesce(ev.transaction_id, ev.id) as "orderKey", coalesce(ev.sequence, 1) as sequence,
      d.state <> 'pending' or not exists (
        select 1 from delivery_queue q where q.shard = ${shard} and q.order_key = coalesce(ev.transaction_id, ev.id)
          and q.sequence = coalesce(ev.sequence, 1) and q.delivery_id = d.id) as "needsRow"
    from deliveries d
    join endpoints e on e.shard = ${shard} and e.id = d.endpoint_id
    join events ev on ev.shard = ${shard} and ev.id = d.event_id
    where d.shard = ${shard} and d.id = ${id}
    for update of d`;
  return row ?? null;
}

/** False where a process is sending it. */
async function makeDueNow(tx: Queryable, shard: number, { orderKey, sequence, id }: WantedDelivery): Promise<boolean> {
  const rows = await tx<{ delivery_id: string }[]>`
    update delivery_queue set due_at = date_trunc('milliseconds', now())
    where shard = ${shard} and order_key = ${orderKey} and sequence = ${sequence} and delivery_id = ${id}
      and lease_id is null
    returning delivery_id`;
  return rows.length > 0;
}
