import { and, eq, gt, isNull, or, sql } from "drizzle-orm";
import type { Sql } from "../../database/connect.ts";
import { apiKeys } from "../../database/schema/merchants.ts";
import { operators } from "../../database/schema/people.ts";
import type { Scope } from "../caller.ts";
import type { DrizzleQueryable } from "../deps.ts";
import { operatorShard } from "./api-key.ts";
import type { KnownKey } from "./key-cache.ts";
import type { UsedKeys } from "./key-use.ts";

/**
 * The owner of the key with this hash, unless it was deleted or has expired. Found by the unique index of its shard.
 */
export async function findKey(db: DrizzleQueryable, shard: number, keyHash: Buffer): Promise<KnownKey | null> {
  const [operator] = shard === operatorShard ? await findOperatorKey(db, keyHash) : [];
  if (operator) return { kind: "operator", ...operator };
  const [row] = await db
    .select({
      keyId: apiKeys.id,
      merchantId: apiKeys.merchantId,
      shard: apiKeys.shard,
      name: apiKeys.name,
      scopes: apiKeys.scopes,
      expiresAt: apiKeys.expiresAt,
    })
    .from(apiKeys)
    .where(
      and(
        eq(apiKeys.shard, shard),
        eq(apiKeys.keyHash, keyHash),
        isNull(apiKeys.deletedAt),
        or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, sql`now()`)),
      ),
    );
  return row ? { kind: "merchant", ...row, scopes: row.scopes as Scope[] } : null;
}

function findOperatorKey(db: DrizzleQueryable, keyHash: Buffer) {
  return db
    .select({ operatorId: operators.id, name: operators.name, role: operators.role })
    .from(operators)
    .where(and(eq(operators.shard, operatorShard), eq(operators.keyHash, keyHash), isNull(operators.deletedAt)));
}

/** Writes when keys of a shard were used; a time that is less than a minute newer than the stored one is left out. */
export async function recordKeyUse(sql: Sql, shard: number, { table, ids, at }: UsedKeys): Promise<void> {
  const times = at.map(each => each.toISOString());
  await sql`
    update ${sql(table)} k set last_used_at = used.at
    from unnest(${ids}::uuid[], ${times}::text[]::timestamptz[]) as used (id, at)
    where k.shard = ${shard} and k.id = used.id
      and (k.last_used_at is null or used.at - k.last_used_at > interval '1 minute')`;
}
