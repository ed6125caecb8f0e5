import { and, eq, exists, inArray, ne, notExists, type SQL, sql } from "drizzle-orm";
import { alias, type PgColumn } from "drizzle-orm/pg-core";
import { callbackBodies, callbackReadings, callbacks, inboxQueue } from "../../database/schema/inbox.ts";
import { type KeptRequest, openRequest } from "../../database/vault/callback-body.ts";
import type { Vault } from "../../database/vault/vault.ts";
import { shardOf } from "../../domain/ids.ts";
import type { DrizzleQueryable } from "../deps.ts";
import { type CreatedFilter, createdIds, createdWithin } from "../lists/created.ts";
import type { Slice } from "../lists/list.ts";
import { idsOfShard } from "../lists/store.ts";

/** Conflicts read for one page of callbacks. */
const conflictsMax = 4_000;

/** The filters of the list; `merchantId` null shows every merchant's. */
export type CallbackFilter = {
  merchantId: string | null;
  state?: "pending" | "processed" | "quarantined" | undefined;
  provider?: string | undefined;
  channel?: string | undefined;
  connection_id?: string | undefined;
} & CreatedFilter;

type Key = { shard: PgColumn; id: PgColumn };

/**
 * Ids of one shard. Rare states are read where they are listed: quarantined callbacks by their partial index, pending
 * ones in the queue. Everything else is read along the callbacks' primary key.
 */
export async function callbackIds(db: DrizzleQueryable, shard: number, slice: Slice, filter: CallbackFilter) {
  if (filter.state === "quarantined") {
    const key = { shard: callbackReadings.shard, id: callbackReadings.callbackId };
    const quarantined = sql`${callbackReadings.state} = 'quarantined'`;
    const within = createdIds(key.id, filter);
    return idsOfShard(db, callbackReadings, key, shard, slice, [quarantined, ...within, passes(db, key, filter)]);
  }
  if (filter.state === "pending") {
    const key = { shard: inboxQueue.shard, id: inboxQueue.callbackId };
    return idsOfShard(db, inboxQueue, key, shard, slice, [notExists(reading(db, key)), passes(db, key, filter)]);
  }
  const key = { shard: callbacks.shard, id: callbacks.id };
  const processed = filter.state && exists(reading(db, key, eq(callbackReadings.state, filter.state)));
  return idsOfShard(db, callbacks, key, shard, slice, [processed, ...conditions(filter)]);
}

function conditions(filter: CallbackFilter): (SQL | undefined)[] {
  const { merchantId, provider, channel, connection_id } = filter;
  return [
    ...createdWithin({ id: callbacks.id, at: callbacks.receivedAt }, filter),
    merchantId === null ? undefined : eq(callbacks.merchantId, merchantId),
    provider === undefined ? undefined : eq(callbacks.provider, provider),
    channel === undefined ? undefined : eq(callbacks.channel, channel),
    connection_id === undefined ? undefined : eq(callbacks.connectionId, connection_id),
  ];
}

/** Whether the callback of a reading or a queue row passes the filter. */
function passes(db: DrizzleQueryable, key: Key, filter: CallbackFilter): SQL {
  const one = db.select({ one: sql`1` }).from(callbacks);
  return exists(one.where(and(eq(callbacks.shard, key.shard), eq(callbacks.id, key.id), ...conditions(filter))));
}

function reading(db: DrizzleQueryable, key: Key, state?: SQL) {
  const one = db.select({ one: sql`1` }).from(callbackReadings);
  return one.where(and(eq(callbackReadings.shard, key.shard), eq(callbackReadings.callbackId, key.id), state));
}

export type CallbackRow = Awaited<ReturnType<typeof callbacksById>>[number];

/** Callbacks with their readings; the reading's columns are null for a callback that was not read yet. */
export async function callbacksById(db: DrizzleQueryable, shard: number, ids: string[]) {
  return db
    .select({
      shard: callbacks.shard,
      id: callbacks.id,
      merchantId: callbacks.merchantId,
      connectionId: callbacks.connectionId,
      provider: callbacks.provider,
      channel: callbacks.channel,
      copies: callbacks.copies,
      receivedAt: callbacks.receivedAt,
      answer: callbacks.answer,
      sealed: callbacks.sealed,
      state: callbackReadings.state,
      problems: callbackReadings.problems,
      transactionIds: callbackReadings.transactionIds,
      readAs: callbackReadings.readAs,
    })
    .from(callbacks)
    .leftJoin(
      callbackReadings,
      and(eq(callbackReadings.shard, callbacks.shard), eq(callbackReadings.callbackId, callbacks.id)),
    )
    .where(and(eq(callbacks.shard, shard), inArray(callbacks.id, ids)));
}

/** The callback; null where it does not exist or belongs to another merchant than `merchantId` (null: any). */
export async function findCallback(
  db: DrizzleQueryable,
  id: string,
  merchantId: string | null,
): Promise<CallbackRow | null> {
  const [row] = await callbacksById(db, shardOf(id), [id]);
  return row && (merchantId === null || row.merchantId === merchantId) ? row : null;
}

/** Callbacks with the same dedupe key and another body. Bounded: anyone with the URL can send any number of them. */
export async function conflictsOf(db: DrizzleQueryable, shard: number, ids: string[]) {
  const other = alias(callbacks, "other");
  return db
    .select({ id: callbacks.id, otherId: other.id })
    .from(callbacks)
    .innerJoin(
      other,
      and(
        eq(other.shard, callbacks.shard),
        eq(other.connectionId, callbacks.connectionId),
        eq(other.channel, callbacks.channel),
        eq(other.key, callbacks.key),
        ne(other.id, callbacks.id),
      ),
    )
    .where(and(eq(callbacks.shard, shard), inArray(callbacks.id, ids)))
    .orderBy(other.id)
    .limit(conflictsMax);
}

/** The stored bytes, query and headers; null where they were dropped by retention, or erased. */
export async function findBody(db: DrizzleQueryable, id: string, vault: Vault): Promise<KeptRequest | null> {
  const [row] = await db
    .select()
    .from(callbackBodies)
    .where(and(eq(callbackBodies.shard, shardOf(id)), eq(callbackBodies.id, id)));
  return row ? openRequest(row, vault) : null;
}
