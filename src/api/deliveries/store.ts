import { and, asc, eq, inArray, sql } from "drizzle-orm";
import { deliveries, deliveryAttempts, deliveryQueue } from "../../database/schema/deliveries.ts";
import { endpoints } from "../../database/schema/merchants.ts";
import { events } from "../../database/schema/transactions.ts";
import { shardOf } from "../../domain/ids.ts";
import type { DrizzleQueryable } from "../deps.ts";
import type { Slice } from "../lists/list.ts";
import { idsOfShard } from "../lists/store.ts";

/** How many attempts of one delivery are shown: the first ones, and replays never come near. */
const attemptsMax = 500;

export async function deliveryIds(
  db: DrizzleQueryable,
  shard: number,
  slice: Slice,
  filter: {
    merchantId: string | null;
    state?: string | undefined;
    endpoint_id?: string | undefined;
    event_id?: string | undefined;
  },
) {
  return idsOfShard(db, deliveries, deliveries, shard, slice, [
    ...ofMerchant(db, shard, filter),
    filter.state === undefined ? undefined : eq(deliveries.state, filter.state),
    filter.endpoint_id === undefined ? undefined : eq(deliveries.endpointId, filter.endpoint_id),
    filter.event_id === undefined ? undefined : eq(deliveries.eventId, filter.event_id),
  ]);
}

/** Also by the merchant's endpoints, for which there is an index: a quiet merchant beside a busy one in a shard is found by it. */
function ofMerchant(
  db: DrizzleQueryable,
  shard: number,
  filter: { merchantId: string | null; endpoint_id?: string | undefined },
) {
  if (filter.merchantId === null) return [];
  const own = eq(deliveries.merchantId, filter.merchantId);
  if (filter.endpoint_id !== undefined) return [own];
  const theirs = db
    .select({ id: endpoints.id })
    .from(endpoints)
    .where(and(eq(endpoints.shard, shard), eq(endpoints.merchantId, filter.merchantId)));
  return [own, inArray(deliveries.endpointId, theirs)];
}

export type ListedDeliveryRow = Awaited<ReturnType<typeof deliveriesById>>[number];

/** Deliveries with the type and transaction of their events. */
export async function deliveriesById(db: DrizzleQueryable, shard: number, ids: string[]) {
  return db
    .select({
      shard: deliveries.shard,
      id: deliveries.id,
      merchantId: deliveries.merchantId,
      endpointId: deliveries.endpointId,
      eventId: deliveries.eventId,
      eventType: events.type,
      transactionId: events.transactionId,
      state: deliveries.state,
      attempts: deliveries.attempts,
      createdAt: deliveries.createdAt,
      finishedAt: deliveries.finishedAt,
    })
    .from(deliveries)
    .leftJoin(events, and(eq(events.shard, deliveries.shard), eq(events.id, deliveries.eventId)))
    .where(and(eq(deliveries.shard, shard), inArray(deliveries.id, ids)));
}

export async function findDelivery(
  db: DrizzleQueryable,
  id: string,
  merchantId: string | null,
): Promise<ListedDeliveryRow | null> {
  const [row] = await deliveriesById(db, shardOf(id), [id]);
  return row && (merchantId === null || row.merchantId === merchantId) ? row : null;
}

export async function attemptsOf(db: DrizzleQueryable, delivery: { shard: number; id: string }) {
  return db
    .select()
    .from(deliveryAttempts)
    .where(and(eq(deliveryAttempts.shard, delivery.shard), eq(deliveryAttempts.deliveryId, delivery.id)))
    .orderBy(asc(deliveryAttempts.attempt))
    .limit(attemptsMax);
}

/** When a delivery is tried next; null where it is not queued, or held. Found along the queue's key. */
export async function nextAttemptAt(db: DrizzleQueryable, delivery: ListedDeliveryRow): Promise<Date | null> {
  const [row] = await db
    .select({ dueAt: sql<string | null>`case when isfinite(${deliveryQueue.dueAt}) then ${deliveryQueue.dueAt} end` })
    .from(deliveryQueue)
    .where(
      and(
        eq(deliveryQueue.shard, delivery.shard),
        eq(deliveryQueue.endpointId, delivery.endpointId),
        eq(deliveryQueue.orderKey, delivery.transactionId ?? delivery.eventId),
        eq(deliveryQueue.deliveryId, delivery.id),
      ),
    );
  return row?.dueAt == null ? null : new Date(row.dueAt);
}
