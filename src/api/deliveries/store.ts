import { and, asc, eq, inArray } from "drizzle-orm";
import { deliveries, deliveryAttempts, deliveryQueue } from "../../database/schema/deliveries.ts";
import { endpoints } from "../../database/schema/merchants.ts";
import { events } from "../../database/schema/transactions.ts";
import { shardOf } from "../../domain/ids.ts";
import type { DrizzleQueryable } from "../deps.ts";
import { type CreatedFilter, createdWithin } from "../lists/created.ts";
import type { Slice } from "../lists/list.ts";
import { idsOfShard } from "../lists/store.ts";

/** The first attempts of a delivery, at most so many, are shown. Retry schedules are far shorter. */
const attemptsMax = 500;

export async function deliveryIds(
  db: DrizzleQueryable,
  shard: number,
  slice: Slice,
  filter: {
    merchantId: string | null;
    state?: ListedDeliveryRow["state"] | undefined;
    endpoint_id?: string | undefined;
    event_id?: string | undefined;
  } & CreatedFilter,
) {
  return idsOfShard(db, deliveries, deliveries, shard, slice, [
    ...ofMerchant(db, shard, filter),
    ...createdWithin({ id: deliveries.id, at: deliveries.createdAt }, filter),
    filter.state === undefined ? undefined : eq(deliveries.state, filter.state),
    filter.endpoint_id === undefined ? undefined : eq(deliveries.endpointId, filter.endpoint_id),
    filter.event_id === undefined ? undefined : eq(deliveries.eventId, filter.event_id),
  ]);
}

/**
 * Adds the merchant's endpoints, which have an index: without it a quiet merchant would cost a scan of a busy shard.
 */
function ofMerchant(
  db: DrizzleQueryable,
  shard: number,
  filter: { merchantId: string | null; endpoint_id?: string | undefined },
) {
  if (filter.merchantId === null) return [];
  const own = eq(deliveries.merchantId, filter.merchantId);
  if (filter.endpoint_id !== undefined) return [own];
  const ofEndpoints = db
    .select({ id: endpoints.id })
    .from(endpoints)
    .where(and(eq(endpoints.shard, shard), eq(endpoints.merchantId, filter.merchantId)));
  return [own, inArray(deliveries.endpointId, ofEndpoints)];
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

/** The delivery; null where it does not exist or belongs to another merchant than `merchantId` (null: any). */
export async function findDelivery(
  db: DrizzleQueryable,
  id: string,
  merchantId: string | null,
): Promise<ListedDeliveryRow | null> {
  const [row] = await deliveriesById(db, shardOf(id), [id]);
  return row && (merchantId === null || row.merchantId === merchantId) ? row : null;
}

/** The first 500 attempts of a delivery. */
export async function attemptsOf(db: DrizzleQueryable, delivery: { shard: number; id: string }) {
  const [first, others] = await Promise.all([
    db
      .select({
        startedAt: deliveries.firstStartedAt,
        latencyMs: deliveries.firstLatencyMs,
        status: deliveries.firstStatus,
        sealed: deliveries.sealed,
        answer: deliveries.firstAnswer,
      })
      .from(deliveries)
      .where(and(eq(deliveries.shard, delivery.shard), eq(deliveries.id, delivery.id))),
    db
      .select()
      .from(deliveryAttempts)
      .where(and(eq(deliveryAttempts.shard, delivery.shard), eq(deliveryAttempts.deliveryId, delivery.id)))
      .orderBy(asc(deliveryAttempts.attempt))
      .limit(attemptsMax),
  ]);
  const firsts = first.flatMap(({ startedAt, latencyMs, ...answered }) =>
    startedAt === null
      ? []
      : [
          {
            ...answered,
            deliveryId: delivery.id,
            attempt: 1,
            startedAt,
            latencyMs: latencyMs ?? 0,
            error: null,
          },
        ],
  );
  return [...firsts, ...others].slice(0, attemptsMax);
}

/** The time of the next attempt; null for a delivery that is not queued. Found by the queue's key. */
export async function nextAttemptAt(db: DrizzleQueryable, delivery: ListedDeliveryRow): Promise<Date | null> {
  const [row] = await db
    .select({ dueAt: deliveryQueue.dueAt })
    .from(deliveryQueue)
    .where(
      and(
        eq(deliveryQueue.shard, delivery.shard),
        eq(deliveryQueue.endpointId, delivery.endpointId),
        eq(deliveryQueue.orderKey, delivery.transactionId ?? delivery.eventId),
        eq(deliveryQueue.deliveryId, delivery.id),
      ),
    );
  return row?.dueAt ?? null;
}
