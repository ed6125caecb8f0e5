import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import { apiKeys } from "../../database/schema/merchants.ts";
import type { DrizzleQueryable } from "../deps.ts";
import type { Slice } from "../lists/list.ts";
import { idsOfShard } from "../lists/store.ts";

export type ApiKeyRow = { id: string; name: string; createdAt: Date };

const shown = { id: apiKeys.id, name: apiKeys.name, createdAt: apiKeys.createdAt };

export async function insertApiKey(
  tx: DrizzleQueryable,
  key: { shard: number; id: string; merchantId: string; name: string; keyHash: Buffer },
): Promise<ApiKeyRow> {
  const [row] = await tx.insert(apiKeys).values(key).returning(shown);
  return row!;
}

export async function apiKeyIds(db: DrizzleQueryable, shard: number, slice: Slice, merchantId: string) {
  return idsOfShard(db, apiKeys, apiKeys, shard, slice, [
    eq(apiKeys.merchantId, merchantId),
    isNull(apiKeys.deletedAt),
  ]);
}

export async function apiKeysById(db: DrizzleQueryable, shard: number, ids: string[]): Promise<ApiKeyRow[]> {
  return db
    .select(shown)
    .from(apiKeys)
    .where(and(eq(apiKeys.shard, shard), inArray(apiKeys.id, ids)));
}

/** Deletes a key. False where the merchant has no such key, or it was deleted before. */
export async function deleteApiKey(
  tx: DrizzleQueryable,
  key: { shard: number; id: string; merchantId: string },
): Promise<boolean> {
  const rows = await tx
    .update(apiKeys)
    .set({ deletedAt: sql`now()` })
    .where(
      and(
        eq(apiKeys.shard, key.shard),
        eq(apiKeys.id, key.id),
        eq(apiKeys.merchantId, key.merchantId),
        isNull(apiKeys.deletedAt),
      ),
    )
    .returning({ id: apiKeys.id });
  return rows.length > 0;
}
