import { and, eq, inArray } from "drizzle-orm";
import { merchants } from "../../database/schema/merchants.ts";
import { shardOf } from "../../domain/ids.ts";
import type { DrizzleQueryable } from "../deps.ts";
import type { Slice } from "../lists/list.ts";
import { idsOfShard } from "../lists/store.ts";

export type MerchantRow = typeof merchants.$inferSelect;

export async function insertMerchant(tx: DrizzleQueryable, merchant: { shard: number; id: string; name: string }) {
  const [row] = await tx.insert(merchants).values(merchant).returning();
  return row!;
}

/** The merchant; null where it does not exist, or is another than `merchantId` (null: any). */
export async function findMerchant(
  db: DrizzleQueryable,
  id: string,
  merchantId: string | null,
): Promise<MerchantRow | null> {
  if (merchantId !== null && merchantId !== id) return null;
  const [row] = await merchantsById(db, shardOf(id), [id]);
  return row ?? null;
}

/** The same, locked until the database transaction ends: things of one merchant are counted one after the other. */
export async function lockMerchant(tx: DrizzleQueryable, id: string, merchantId: string | null) {
  if (merchantId !== null && merchantId !== id) return null;
  const [row] = await tx
    .select()
    .from(merchants)
    .where(and(eq(merchants.shard, shardOf(id)), eq(merchants.id, id)))
    .for("no key update");
  return row ?? null;
}

export async function renameMerchant(tx: DrizzleQueryable, id: string, name: string): Promise<MerchantRow> {
  const [row] = await tx
    .update(merchants)
    .set({ name })
    .where(and(eq(merchants.shard, shardOf(id)), eq(merchants.id, id)))
    .returning();
  return row!;
}

export async function merchantsById(db: DrizzleQueryable, shard: number, ids: string[]): Promise<MerchantRow[]> {
  return db
    .select()
    .from(merchants)
    .where(and(eq(merchants.shard, shard), inArray(merchants.id, ids)));
}

export async function merchantIds(db: DrizzleQueryable, shard: number, slice: Slice, merchantId: string | null) {
  return idsOfShard(db, merchants, merchants, shard, slice, [
    merchantId === null ? undefined : eq(merchants.id, merchantId),
  ]);
}
