import { and, eq, inArray, like, type SQL } from "drizzle-orm";
import { events } from "../../database/schema/transactions.ts";
import { shardOf } from "../../domain/ids.ts";
import type { DrizzleQueryable } from "../deps.ts";
import { type CreatedFilter, createdWithin } from "../lists/created.ts";
import type { Slice } from "../lists/list.ts";
import { idsOfShard } from "../lists/store.ts";

export type ListedEventRow = { id: string; merchantId: string; sealed: Buffer | null; body: string | null };

const shown = { id: events.id, merchantId: events.merchantId, sealed: events.sealed, body: events.body };

export async function eventIds(
  db: DrizzleQueryable,
  shard: number,
  slice: Slice,
  filter: { merchantId: string | null; type?: string | undefined; transaction_id?: string | undefined } & CreatedFilter,
) {
  return idsOfShard(db, events, events, shard, slice, [
    filter.merchantId === null ? undefined : eq(events.merchantId, filter.merchantId),
    ofType(filter.type),
    ...createdWithin({ id: events.id, at: events.createdAt }, filter),
    filter.transaction_id === undefined ? undefined : eq(events.transactionId, filter.transaction_id),
  ]);
}

/** A type, or the wildcard of a family. Both were checked, so neither contains a wildcard of `like`. */
function ofType(type: string | undefined): SQL | undefined {
  if (type === undefined || type === "*") return undefined;
  return type.endsWith(".*") ? like(events.type, `${type.slice(0, -1)}%`) : eq(events.type, type);
}

export async function eventsById(db: DrizzleQueryable, shard: number, ids: string[]): Promise<ListedEventRow[]> {
  return db
    .select(shown)
    .from(events)
    .where(and(eq(events.shard, shard), inArray(events.id, ids)));
}

/** The event; null where it does not exist or belongs to another merchant than `merchantId` (null: any). */
export async function findEvent(
  db: DrizzleQueryable,
  id: string,
  merchantId: string | null,
): Promise<ListedEventRow | null> {
  const [row] = await eventsById(db, shardOf(id), [id]);
  return row && (merchantId === null || row.merchantId === merchantId) ? row : null;
}
