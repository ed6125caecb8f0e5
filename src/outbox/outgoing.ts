import type { Queryable } from "../database/connect.ts";
import type { Event } from "../domain/events.ts";
import { deliveriesOf, endpointsToWake, planDeliveries } from "./fan-out.ts";
import { insertEvents, type Subscriber } from "./fan-out-store.ts";
import type { DeliveryHandOver, DeliveryLease, NewDelivery } from "./hand-over.ts";

/** Events and deliveries that a database transaction writes. `held`: the deliveries whose rows are under the lease. */
export type Outgoing = {
  planned: readonly NewDelivery[];
  lease: DeliveryLease | null;
  held: Promise<ReadonlySet<string>>;
};

/** Sends the statements that write events and their deliveries. Every outgoing ends with one of the two below. */
export function writeOutgoing(
  tx: Queryable,
  shard: number,
  events: readonly Event[],
  endpoints: readonly Subscriber[],
  handOver: DeliveryHandOver | null,
): Outgoing {
  const planned = planDeliveries(shard, events, endpoints);
  const lease = handOver?.lease(shard, planned) ?? null;
  const held = insertEvents(tx, shard, [...events], deliveriesOf(planned), lease);
  held.catch(() => {});
  return { planned, lease, held };
}

/** After the commit: hands over what is held. Returns the endpoints whose deliveries are to be claimed. */
export async function handOverOutgoing(
  outgoing: readonly Outgoing[],
  handOver: DeliveryHandOver | null,
): Promise<string[]> {
  const wake = new Set<string>();
  for (const { planned, lease, held } of outgoing) {
    const heldIds = await held;
    if (lease !== null) handOver?.committed(lease, heldIds);
    const waits = (id: string) => heldIds.has(id) || (lease?.parkedIds.has(id) ?? false);
    for (const endpointId of endpointsToWake(deliveriesOf(planned), waits)) wake.add(endpointId);
  }
  return [...wake];
}

/** The database transaction failed. `isUnknown`: or only its reply was lost. */
export function dropOutgoing(
  outgoing: readonly Outgoing[],
  handOver: DeliveryHandOver | null,
  isUnknown: boolean,
): void {
  for (const { lease } of outgoing) if (lease !== null) handOver?.notCommitted(lease, isUnknown);
}
