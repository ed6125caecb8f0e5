import type { Sql } from "../database/connect.ts";
import {
  callbacksNaming,
  type FoundCallback,
  type FoundEvent,
  messagesNaming,
  sessionsOf,
  transactionsOf,
} from "./find-store.ts";
import type { DataSubject } from "./person.ts";

/** Where a person was found in a shard. */
export type Found = {
  shard: number;
  transactionIds: string[];
  sessions: { id: string; merchantId: string }[];
  callbacks: FoundCallback[];
  /** Events about no transaction. */
  messages: FoundEvent[];
};

/**
 * Finds a person in a shard: transactions and sessions by keyed hash, callbacks and messages by opening every one that
 * is still kept. A transaction of another number is the person's too where a callback about it names the person.
 */
export async function findInShard(sql: Sql, shard: number, person: DataSubject): Promise<Found> {
  const [own, sessions, callbacks, messages] = await Promise.all([
    transactionsOf(sql, shard, person),
    sessionsOf(sql, shard, person),
    callbacksNaming(sql, shard, person),
    messagesNaming(sql, shard, person),
  ]);
  const transactionIds = [...new Set([...own, ...callbacks.flatMap(each => each.transactionIds)])];
  return { shard, transactionIds, sessions: [...sessions], callbacks, messages };
}
