import type { Queryable } from "../database/connect.ts";
import { type Event, takes } from "../domain/events.ts";
import { newUuid } from "../domain/ids.ts";
import { insertEvents, type NewDeliveryRow, type Subscriber, subscribersOf } from "./fan-out-store.ts";

/** Which endpoints may be told, beside what their filters say. */
export type Audience = { except?: string };

/**
 * Writes events of one shard and what is owed to whom, inside the caller's database transaction: both commit with the
 * change they tell of, or not at all. Answers the endpoints to wake after the commit.
 *
 * What a disabled endpoint would have been told is kept as `failed`, without an attempt: `recover` sends it.
 */
export async function fanOut(
  tx: Queryable,
  shard: number,
  events: readonly Event[],
  audience: Audience = {},
): Promise<string[]> {
  if (events.length === 0) return [];
  const merchants = [...new Set(events.map(event => event.merchantId))];
  const endpoints = await subscribersOf(tx, shard, merchants);
  const subscribers = new Map(merchants.map(id => [id, endpoints.filter(e => e.merchantId === id)]));
  const deliveries = events.flatMap(event =>
    subscribers
      .get(event.merchantId)!
      .filter(subscriber => subscriber.id !== audience.except && takes(subscriber.eventTypes, event.type))
      .map(subscriber => deliveryOf(shard, event, subscriber)),
  );
  await insertEvents(tx, shard, [...events], deliveries);
  return [...new Set(deliveries.filter(d => d.state === "pending").map(d => d.endpointId))];
}

/** A transaction's events go to an endpoint in order; an event without one is an order of its own. */
export function deliveryOf(
  shard: number,
  event: Pick<Event, "id" | "transactionId" | "sequence">,
  endpoint: Pick<Subscriber, "id" | "merchantId" | "enabled">,
): NewDeliveryRow {
  return {
    id: newUuid(shard),
    merchantId: endpoint.merchantId,
    endpointId: endpoint.id,
    eventId: event.id,
    orderKey: event.transactionId ?? event.id,
    sequence: event.sequence ?? 1,
    state: endpoint.enabled ? "pending" : "failed",
  };
}
