import type { Queryable } from "../database/connect.ts";
import { type Event, takesEvent } from "../domain/events.ts";
import { newUuid } from "../domain/ids.ts";
import { insertEvents, type NewDeliveryRow, type Subscriber, subscribersOf } from "./fan-out-store.ts";

/** `except`: an endpoint that gets nothing, whatever its filters say. */
export type Audience = { except?: string };

/**
 * Writes events of one shard and their deliveries, inside the caller's database transaction: they commit with the
 * change that they announce, or not at all. Returns the endpoints to wake after the commit.
 *
 * Deliveries to a disabled endpoint are stored as `failed`, without an attempt: `recover` sends them.
 */
export async function fanOut(
  tx: Queryable,
  shard: number,
  events: readonly Event[],
  audience: Audience = {},
): Promise<string[]> {
  if (events.length === 0) return [];
  const merchantIds = [...new Set(events.map(event => event.merchantId))];
  const endpoints = await subscribersOf(tx, shard, merchantIds);
  const subscribers = new Map(merchantIds.map(id => [id, endpoints.filter(endpoint => endpoint.merchantId === id)]));
  const deliveries = events.flatMap(event =>
    subscribers
      .get(event.merchantId)!
      .filter(subscriber => subscriber.id !== audience.except && takesEvent(subscriber, event))
      .map(subscriber => deliveryOf(shard, event, subscriber)),
  );
  await insertEvents(tx, shard, [...events], deliveries);
  return [...new Set(deliveries.filter(d => d.state === "pending").map(d => d.endpointId))];
}

/** The delivery of an event. A transaction's events are delivered in order; an event without one has its own order. */
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
