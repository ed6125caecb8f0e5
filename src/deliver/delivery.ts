import type { Environment } from "../domain/kinds.ts";

/** The place of a delivery in the queue: its key, and the endpoint it is for. */
export type QueuePosition = { endpointId: string; orderKey: string; sequence: number; deliveryId: string };

/**
 * A delivery that a claim leased, with the event to send. `attempts`: made in this round of the schedule.
 * `environment`: the one that the body names; null where an event from before names none.
 */
export type ClaimedDelivery = QueuePosition & {
  /** No attempt at it was made before, in this round or another. */
  isFirst: boolean;
  eventId: string;
  environment: Environment | null;
  body: string;
  attempts: number;
};
