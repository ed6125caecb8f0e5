import type { CanPoll, Connection } from "../connections/connection.ts";
import type { Sql, Tx } from "../database/connect.ts";
import type { Event } from "../domain/events.ts";
import type { Finding } from "../domain/evidence.ts";
import type { Kind, ProviderRefs } from "../domain/kinds.ts";
import type { StatusAnswer } from "../providers/provider.ts";
import type { PollRelease, ScheduleChange } from "../schedule/schedule-entry.ts";
import type { PhoneHash } from "./store.ts";

/** What settling needs of the world. */
export type SettleDeps = {
  sql: Sql;
  /** The provider's identity texts for a kind and its ids (Provider.identity). */
  identity: (provider: string, kind: Kind, refs: ProviderRefs) => string[];
  canPoll: CanPoll;
  phoneHash: PhoneHash;
  /** Writes events and what is owed to whom, inside the batch; answers the endpoints to wake after the commit. */
  fanOut: (tx: Tx, shard: number, events: Event[]) => Promise<string[]>;
  /** Keeps the reconciler's schedule in step, inside the batch. */
  schedule: (tx: Tx, shard: number, moved: ScheduleChange[]) => Promise<void>;
  /** Gives leased questions back with what is next for them; answers the leases that still held: a stale holder changes nothing. */
  releasePolls: (tx: Tx, shard: number, asks: PollRelease[]) => Promise<Set<string>>;
  /** What was heard under the conversation of a question (StatusCall.conclude); null where the provider has no such answers. */
  readDeferredAnswer: (provider: string, heard: Finding) => StatusAnswer | null;
  /**
   * Ends the USSD sessions that their gateways say are over, inside the batch; answers what is to be told. Without it such a message
   * is told as it came.
   */
  endSessions?: (tx: Tx, shard: number, ends: { connection: Connection; payload: unknown }[]) => Promise<Event[]>;
};
