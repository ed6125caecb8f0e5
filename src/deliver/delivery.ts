/** The place of a delivery in the queue: its key, and the endpoint it is for. */
export type QueuePosition = { endpointId: string; orderKey: string; sequence: number; deliveryId: string };

/** A delivery that a claim leased, with the event to send. `attempts`: made in this round of the schedule. */
export type ClaimedDelivery = QueuePosition & { eventId: string; body: string; attempts: number };
