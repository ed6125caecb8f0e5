import { and, eq, isNull, lt, sql } from "drizzle-orm";
import { idempotencyKeys } from "../../database/schema/merchants.ts";
import type { DrizzleQueryable } from "../deps.ts";

/** An idempotency key within its scope: `admin` in shard 0, or the id of an API key in its merchant's shard. */
export type KeyName = { shard: number; scope: string; key: string };

/** A response is stored for this time. */
const keptFor = sql`interval '24 hours'`;
/** A lock expires after this time unless its holder renews it (run-once.ts). */
const lockS = 30;

const lockEnd = sql`now() + make_interval(secs => ${lockS})`;

const isKey = ({ shard, scope, key }: KeyName) =>
  and(eq(idempotencyKeys.shard, shard), eq(idempotencyKeys.scope, scope), eq(idempotencyKeys.key, key));

/**
 * Locks a key: a new key, a key older than 24 hours, or a key whose lock expired under the same request. Returns the
 * end of the lock, which also fences off a holder that lost it; null where the key is used or locked.
 */
export async function claimKey(db: DrizzleQueryable, name: KeyName, fingerprint: Buffer): Promise<Date | null> {
  const [row] = await db
    .insert(idempotencyKeys)
    .values({ ...name, fingerprint, lockedUntil: lockEnd, createdAt: sql`now()` })
    // A cluster accepts only immutable functions in a conflict clause, so times come from the row to be inserted.
    .onConflictDoUpdate({
      target: [idempotencyKeys.shard, idempotencyKeys.scope, idempotencyKeys.key],
      set: {
        fingerprint: sql`excluded.fingerprint`,
        lockedUntil: sql`excluded.locked_until`,
        createdAt: sql`excluded.created_at`,
        status: null,
        answer: null,
      },
      setWhere: sql`excluded.created_at - ${idempotencyKeys.createdAt} > ${keptFor}
        or (${idempotencyKeys.status} is null and ${idempotencyKeys.lockedUntil} < excluded.created_at
          and ${idempotencyKeys.fingerprint} = excluded.fingerprint)`,
    })
    .returning({ lockedUntil: idempotencyKeys.lockedUntil });
  return row?.lockedUntil ?? null;
}

/** A key with its stored response; `waitS` are the seconds until its lock expires. */
export async function readKey(db: DrizzleQueryable, name: KeyName) {
  const [row] = await db
    .select({
      fingerprint: idempotencyKeys.fingerprint,
      status: idempotencyKeys.status,
      answer: idempotencyKeys.answer,
      waitS: sql<number>`ceil(greatest(extract(epoch from ${idempotencyKeys.lockedUntil} - now()), 1))::int`,
    })
    .from(idempotencyKeys)
    .where(isKey(name));
  return row ?? null;
}

/** Renews a lock. Returns its new end; null where the lock was lost. */
export async function renewKey(db: DrizzleQueryable, name: KeyName, lockedUntil: Date): Promise<Date | null> {
  const [row] = await db
    .update(idempotencyKeys)
    .set({ lockedUntil: lockEnd })
    .where(and(isKey(name), isNull(idempotencyKeys.status), eq(idempotencyKeys.lockedUntil, lockedUntil)))
    .returning({ lockedUntil: idempotencyKeys.lockedUntil });
  return row?.lockedUntil ?? null;
}

/** Stores the response for later requests. Changes nothing where the lock was lost. */
export async function storeResponse(
  db: DrizzleQueryable,
  name: KeyName,
  lockedUntil: Date,
  status: number,
  answer: string,
) {
  await db
    .update(idempotencyKeys)
    .set({ status, answer })
    .where(and(isKey(name), isNull(idempotencyKeys.status), eq(idempotencyKeys.lockedUntil, lockedUntil)));
}

/** Deletes a key whose request changed nothing, so that the key may be used again, for another request too. */
export async function releaseKey(db: DrizzleQueryable, name: KeyName, lockedUntil: Date) {
  await db
    .delete(idempotencyKeys)
    .where(and(isKey(name), isNull(idempotencyKeys.status), eq(idempotencyKeys.lockedUntil, lockedUntil)));
}

/** Deletes the expired keys of all shards. Called by a worker's maintenance. */
export async function dropOldKeys(db: DrizzleQueryable): Promise<void> {
  await db.delete(idempotencyKeys).where(lt(idempotencyKeys.createdAt, sql`now() - ${keptFor}`));
}
