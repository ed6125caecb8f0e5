import { and, count, eq, gt, inArray, isNull, or, type SQL, sql } from "drizzle-orm";
import type { PgInsertValue, PgUpdateSetSource } from "drizzle-orm/pg-core";
import { deliveryQueue } from "../../database/schema/deliveries.ts";
import { endpointSecrets, endpoints } from "../../database/schema/merchants.ts";
import { shardOf } from "../../domain/ids.ts";
import type { DrizzleQueryable } from "../deps.ts";
import { expiresAfter } from "../expires-after-store.ts";
import type { Slice } from "../lists/list.ts";
import { idsOfShard } from "../lists/store.ts";
import type { withoutHeaders } from "./endpoint-columns.ts";

export type EndpointRow = typeof endpoints.$inferSelect;
type NewEndpoint = PgInsertValue<typeof endpoints>;

/** Pending deliveries are counted up to this number, which is enough to show a backlog. */
export const pendingCountMax = 10_000;

export async function insertEndpoint(tx: DrizzleQueryable, endpoint: NewEndpoint): Promise<EndpointRow> {
  const [row] = await tx.insert(endpoints).values(endpoint).returning();
  return row!;
}

/** A merchant's endpoints. */
export async function countEndpoints(db: DrizzleQueryable, shard: number, merchantId: string): Promise<number> {
  const own = and(eq(endpoints.shard, shard), eq(endpoints.merchantId, merchantId), isNull(endpoints.deletedAt));
  return db.$count(endpoints, own);
}

const isActive = (id: string, merchantId: string | null) =>
  and(
    eq(endpoints.shard, shardOf(id)),
    eq(endpoints.id, id),
    isNull(endpoints.deletedAt),
    merchantId === null ? undefined : eq(endpoints.merchantId, merchantId),
  );

/** The endpoint; null where it was deleted or belongs to another merchant than `merchantId` (null: any). */
export async function findEndpoint(
  db: DrizzleQueryable,
  id: string,
  merchantId: string | null,
): Promise<EndpointRow | null> {
  const [row] = await db.select().from(endpoints).where(isActive(id, merchantId));
  return row ?? null;
}

/** The same, locked until the database transaction ends: patches of one endpoint are merged one after the other. */
export async function lockEndpoint(
  tx: DrizzleQueryable,
  id: string,
  merchantId: string | null,
): Promise<EndpointRow | null> {
  const [row] = await tx.select().from(endpoints).where(isActive(id, merchantId)).for("update");
  return row ?? null;
}

export async function updateEndpoint(
  tx: DrizzleQueryable,
  row: { shard: number; id: string },
  change: PgUpdateSetSource<typeof endpoints>,
): Promise<EndpointRow> {
  const [updated] = await tx
    .update(endpoints)
    .set({ ...change, updatedAt: sql`now()` })
    .where(and(eq(endpoints.shard, row.shard), eq(endpoints.id, row.id)))
    .returning();
  return updated!;
}

/**
 * Marks an endpoint as deleted, and disables it; its deliveries can still be read. `erased` takes the place of its
 * secrets.
 */
export async function markDeleted(
  tx: DrizzleQueryable,
  row: { shard: number; id: string },
  erased: ReturnType<typeof withoutHeaders>,
): Promise<void> {
  await updateEndpoint(tx, row, { deletedAt: sql`now()`, enabled: false, ...erased });
}

/** What a merchant's own disabling of an endpoint sets. */
export function disabledByMerchant(): { disabledReason: string; disabledAt: SQL } {
  return { disabledReason: "disabled by the merchant", disabledAt: sql`now()` };
}

export async function endpointIds(
  db: DrizzleQueryable,
  shard: number,
  slice: Slice,
  filter: { merchantId: string | null; enabled?: boolean | undefined },
) {
  return idsOfShard(db, endpoints, endpoints, shard, slice, [
    isNull(endpoints.deletedAt),
    filter.merchantId === null ? undefined : eq(endpoints.merchantId, filter.merchantId),
    filter.enabled === undefined ? undefined : eq(endpoints.enabled, filter.enabled),
  ]);
}

export async function endpointsById(db: DrizzleQueryable, shard: number, ids: string[]): Promise<EndpointRow[]> {
  return db
    .select()
    .from(endpoints)
    .where(and(eq(endpoints.shard, shard), inArray(endpoints.id, ids)));
}

const secretIsActive = or(isNull(endpointSecrets.expiresAt), gt(endpointSecrets.expiresAt, sql`now()`));

export async function insertSecret(
  tx: DrizzleQueryable,
  secret: { shard: number; id: string; endpointId: string; secret: string },
): Promise<void> {
  await tx.insert(endpointSecrets).values(secret);
}

/** Lets the active secrets of an endpoint expire in `overlapS` seconds, or when they did before, if that is earlier. */
export async function expireSecrets(tx: DrizzleQueryable, endpoint: { shard: number; id: string }, overlapS: number) {
  await tx
    .update(endpointSecrets)
    .set({ expiresAt: expiresAfter(overlapS) })
    .where(and(eq(endpointSecrets.shard, endpoint.shard), eq(endpointSecrets.endpointId, endpoint.id), secretIsActive));
}

/** Erases the secrets of an endpoint that is deleted. */
export async function deleteSecrets(tx: DrizzleQueryable, endpoint: { shard: number; id: string }): Promise<void> {
  await tx
    .delete(endpointSecrets)
    .where(and(eq(endpointSecrets.shard, endpoint.shard), eq(endpointSecrets.endpointId, endpoint.id)));
}

/** The number of secrets that sign at present. */
export async function countActiveSecrets(
  tx: DrizzleQueryable,
  endpoint: { shard: number; id: string },
): Promise<number> {
  const [row] = await tx
    .select({ count: count() })
    .from(endpointSecrets)
    .where(and(eq(endpointSecrets.shard, endpoint.shard), eq(endpointSecrets.endpointId, endpoint.id), secretIsActive));
  return row!.count;
}

/** The endpoint's pending deliveries, counted up to 10,000 along the queue's key. */
export async function countPending(db: DrizzleQueryable, endpoint: { shard: number; id: string }): Promise<number> {
  const waiting = db
    .select({ one: sql`1`.as("one") })
    .from(deliveryQueue)
    .where(and(eq(deliveryQueue.shard, endpoint.shard), eq(deliveryQueue.endpointId, endpoint.id)))
    .limit(pendingCountMax)
    .as("waiting");
  const [row] = await db.select({ count: count() }).from(waiting);
  return row!.count;
}
