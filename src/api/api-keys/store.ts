import { and, eq, gt, inArray, isNull, or, sql } from "drizzle-orm";
import { apiKeys } from "../../database/schema/merchants.ts";
import type { DrizzleQueryable } from "../deps.ts";
import type { Slice } from "../lists/list.ts";
import { idsOfShard } from "../lists/store.ts";

const shown = {
  id: apiKeys.id,
  name: apiKeys.name,
  scopes: apiKeys.scopes,
  expiresAt: apiKeys.expiresAt,
  createdBy: apiKeys.createdBy,
  lastUsedAt: apiKeys.lastUsedAt,
  createdAt: apiKeys.createdAt,
};

type WholeRow = typeof apiKeys.$inferSelect;
export type ApiKeyRow = Pick<WholeRow, keyof typeof shown>;
type NewApiKey = Pick<
  WholeRow,
  "shard" | "id" | "merchantId" | "name" | "keyHash" | "scopes" | "expiresAt" | "createdBy"
>;

/** A merchant's keys that work. */
export async function countApiKeys(db: DrizzleQueryable, shard: number, merchantId: string): Promise<number> {
  return db.$count(
    apiKeys,
    and(
      eq(apiKeys.shard, shard),
      eq(apiKeys.merchantId, merchantId),
      isNull(apiKeys.deletedAt),
      or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, sql`now()`)),
    ),
  );
}

export async function insertApiKey(tx: DrizzleQueryable, key: NewApiKey): Promise<ApiKeyRow> {
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

/** Deletes a key, and returns its name; null where the merchant has no such key, or it was deleted before. */
export async function deleteApiKey(
  tx: DrizzleQueryable,
  key: { shard: number; id: string; merchantId: string },
): Promise<string | null> {
  const [row] = await tx
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
    .returning({ name: apiKeys.name });
  return row?.name ?? null;
}
