import { and, eq, isNull } from "drizzle-orm";
import { apiKeys } from "../../database/schema/merchants.ts";
import type { DrizzleQueryable } from "../deps.ts";
import type { KnownKey } from "./key-cache.ts";

/** The key with this hash, unless it was deleted. Found by the unique index of its shard. */
export async function findKey(db: DrizzleQueryable, shard: number, keyHash: Buffer): Promise<KnownKey | null> {
  const [row] = await db
    .select({ keyId: apiKeys.id, keyName: apiKeys.name, merchantId: apiKeys.merchantId, shard: apiKeys.shard })
    .from(apiKeys)
    .where(and(eq(apiKeys.shard, shard), eq(apiKeys.keyHash, keyHash), isNull(apiKeys.deletedAt)));
  return row ?? null;
}
