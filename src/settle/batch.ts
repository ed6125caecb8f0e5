import type { Sql, Tx } from "../database/connect.ts";
import type { PhoneHasher } from "../database/installation-key.ts";
import type { Event } from "../domain/events.ts";
import type { Kind } from "../domain/kinds.ts";
import type { DeliveryHandOver } from "../outbox/hand-over.ts";
import type { Outgoing } from "../outbox/outgoing.ts";
import type { Provider } from "../providers/provider.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { RegistrationRefusal, Settled, SettleItem } from "./item.ts";

/** What settling works with. */
export type SettleDeps = {
  sql: Sql;
  telemetry: Telemetry;
  providers: ReadonlyMap<string, Provider>;
  /** Keyed hashes by which phones are searched. */
  phones: PhoneHasher;
  /** Where this process sends deliveries itself: takes them when they are written. Null elsewhere. */
  deliveryHandOver?: () => DeliveryHandOver | null;
};

/** The items of one shard that settle in one database transaction. Each stage returns the batch with what it found. */
export type Batch = {
  deps: SettleDeps;
  tx: Tx;
  shard: number;
  items: readonly SettleItem[];
  /** Each part of the batch adds what it writes to send. */
  outgoing: Outgoing[];
  /** Items whose registration an earlier attempt refused. They settle nothing. */
  refusals: ReadonlyMap<SettleItem, RegistrationRefusal>;
};

/** What a batch did, for the rooms that act on it after its commit. */
export type BatchResult = {
  /** One for each item, in the order of the items. */
  settled: Settled[];
  events: Event[];
  /** Endpoints with new deliveries to claim. */
  wake: string[];
  /** Transactions to poll without waiting for a pass, in `afterMs`. */
  pollRequests: { shard: number; connectionId: string; transactionId: string; afterMs: number }[];
  /** Connections whose polls for a kind must stop: the provider answered that they do harm. */
  pollingStops: { connectionId: string; kind: Kind; reason: string }[];
};
