import type { CanAsk } from "../connections/connection.ts";
import type { Sql } from "../database/connect.ts";
import type { Event } from "../domain/events.ts";
import type { Kind, ProviderRefs } from "../domain/kinds.ts";
import type { Transaction } from "../domain/transaction.ts";
import type { PhoneHash, Tx } from "./store.ts";

/** A transaction that a batch moved, as the reconciler sees it. `before` is null for a new one. */
export type Moved = { before: Transaction | null; after: Transaction; askNow: boolean };

/** What settling needs of the world. */
export type SettleDeps = {
  sql: Sql;
  /** The provider's identity texts for a kind and its ids (Provider.identity). */
  identity: (provider: string, kind: Kind, refs: ProviderRefs) => string[];
  canAsk: CanAsk;
  phoneHash: PhoneHash;
  /** Writes events and what is owed to whom, inside the batch; answers the endpoints to wake after the commit. */
  fanOut: (tx: Tx, shard: number, events: Event[]) => Promise<string[]>;
  /** Keeps the reconciler's schedule in step, inside the batch. */
  schedule: (tx: Tx, shard: number, moved: Moved[]) => Promise<void>;
};
