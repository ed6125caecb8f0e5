import { and, eq, inArray } from "drizzle-orm";
import { relays } from "../../database/schema/relays.ts";
import { shardOf } from "../../domain/ids.ts";
import type { DrizzleQueryable } from "../deps.ts";
import { type CreatedFilter, createdWithin } from "../lists/created.ts";
import type { Slice } from "../lists/list.ts";
import { idsOfShard } from "../lists/store.ts";

export type RelayRow = typeof relays.$inferSelect;

type RelayFilter = { merchantId: string | null; state?: RelayRow["state"] | undefined } & CreatedFilter;

/** Ids of one shard's relayed callbacks, newest first. */
export async function relayIds(db: DrizzleQueryable, shard: number, slice: Slice, filter: RelayFilter) {
  return idsOfShard(db, relays, relays, shard, slice, [
    filter.merchantId === null ? undefined : eq(relays.merchantId, filter.merchantId),
    ...createdWithin({ id: relays.id, at: relays.createdAt }, filter),
    filter.state === undefined ? undefined : eq(relays.state, filter.state),
  ]);
}

export async function relaysById(db: DrizzleQueryable, shard: number, ids: string[]): Promise<RelayRow[]> {
  return db
    .select()
    .from(relays)
    .where(and(eq(relays.shard, shard), inArray(relays.id, ids)));
}

/** The relayed callback of a delivery's id; null where there is none, or it is another merchant's. */
export async function findRelay(db: DrizzleQueryable, id: string, merchantId: string | null): Promise<RelayRow | null> {
  const [row] = await relaysById(db, shardOf(id), [id]);
  return row && (merchantId === null || row.merchantId === merchantId) ? row : null;
}
