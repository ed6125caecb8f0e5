import type { NewDeliveryRow, NewEventRow } from "./fan-out-store.ts";

/** A delivery that is about to be written, with its event. */
export type NewDelivery = { delivery: NewDeliveryRow; event: NewEventRow };

/**
 * Under which rows of the delivery queue are born. `leasedIds`: of the deliveries that are taken, where nothing of
 * their transaction is queued before them. `parkedIds`: of those that wait for one of these.
 */
export type DeliveryLease = {
  id: string;
  ms: number;
  leasedIds: ReadonlySet<string>;
  parkedIds: ReadonlySet<string>;
};

/**
 * Takes deliveries to be sent by this process as soon as they are committed, without a claim, as far as their endpoints
 * have room. The others are born free, for the claims of any process. A lease ends with `committed` or `notCommitted`.
 */
export type DeliveryHandOver = {
  /** Null where no delivery is taken. */
  lease(shard: number, deliveries: readonly NewDelivery[]): DeliveryLease | null;
  /** `heldIds`: of the deliveries whose rows are under the lease. */
  committed(lease: DeliveryLease, heldIds: ReadonlySet<string>): void;
  /** `isUnknown`: the rows may be there all the same, because the reply to the commit was lost. */
  notCommitted(lease: DeliveryLease, isUnknown: boolean): void;
};
