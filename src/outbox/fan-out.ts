import type { Queryable } from "../database/connect.ts";
import { type Event, takesEvent } from "../domain/events.ts";
import { newUuid } from "../domain/ids.ts";
import { insertEvents, type NewDeliveryRow, type Subscriber, subscribersOf } from "./fan-out-store.ts";
import type { NewDelivery } from "./hand-over.ts";

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
  const planned = planDeliveries(shard, events, await subscribersOf(tx, shard, merchantIds), audience);
  await insertEvents(tx, shard, [...events], deliveriesOf(planned));
  return endpointsToWake(deliveriesOf(planned));
}

/** A delivery for each event and each endpoint that takes it. */
export function planDeliveries(
  shard: number,
  events: readonly Event[],
  endpoints: readonly Subscriber[],
  audience: Audience = {},
): NewDelivery[] {
  return events.flatMap(event =>
    endpoints
      .filter(
        endpoint =>
          endpoint.merchantId === event.merchantId && endpoint.id !== audience.except && takesEvent(endpoint, event),
      )
      .map(endpoint => ({ event, delivery: deliveryOf(shard, event, endpoint) })),
  );
}

export function deliveriesOf(planned: readonly NewDelivery[]): NewDeliveryRow[] {
  return planned.map(({ delivery }) => delivery);
}

/** The endpoints of pending deliveries that are not under a lease. */
export function endpointsToWake(deliveries: readonly NewDeliveryRow[], isHeld = (_id: string) => false): string[] {
  return [...new Set(deliveries.filter(d => d.state === "pending" && !isHeld(d.id)).map(d => d.endpointId))];
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
