import { and, eq, isNull, lt, sql } from "drizzle-orm";
import { idempotencyKeys } from "../../database/schema/merchants.ts";
import type { DrizzleQueryable } from "../deps.ts";

/** Whose key it is: `admin` in shard 0, or an API key's id in its merchant's shard. */
export type KeyName = { shard: number; scope: string; key: string };

/** How long an answer is kept. */
const life = sql`interval '24 hours'`;
/** How long a holder that says nothing keeps its key; a living one renews it (see run-once.ts). */
const lockS = 30;

const lockEnd = sql`now() + make_interval(secs => ${lockS})`;

const named = ({ shard, scope, key }: KeyName) =>
  and(eq(idempotencyKeys.shard, shard), eq(idempotencyKeys.scope, scope), eq(idempotencyKeys.key, key));

/**
 * Takes a key: a new one, one older than its life, or one whose holder fell silent with the same request. Answers until when
 * it is held, which is also the token that fences off a holder that wakes later; null where somebody else has it.
 */
export async function claimKey(db: DrizzleQueryable, name: KeyName, fingerprint: Buffer): Promise<Date | null> {
  const [row] = await db
    .insert(idempotencyKeys)
    .values({ ...name, fingerprint, lockedUntil: lockEnd, createdAt: sql`now()` })
    // A cluster takes only immutable functions in a conflict clause, so the times come from the row that was to be inserted.
    .onConflictDoUpdate({
      target: [idempotencyKeys.shard, idempotencyKeys.scope, idempotencyKeys.key],
      set: {
        fingerprint: sql`excluded.fingerprint`,
        lockedUntil: sql`excluded.locked_until`,
        createdAt: sql`excluded.created_at`,
        status: null,
        answer: null,
      },
      setWhere: sql`excluded.created_at - ${idempotencyKeys.createdAt} > ${life}
        or (${idempotencyKeys.status} is null and ${idempotencyKeys.lockedUntil} < excluded.created_at
          and ${idempotencyKeys.fingerprint} = excluded.fingerprint)`,
    })
    .returning({ lockedUntil: idempotencyKeys.lockedUntil });
  return row?.lockedUntil ?? null;
}

export async function readKey(db: DrizzleQueryable, name: KeyName) {
  const [row] = await db
    .select({
      fingerprint: idempotencyKeys.fingerprint,
      status: idempotencyKeys.status,
      answer: idempotencyKeys.answer,
      waitS: sql<number>`ceil(greatest(extract(epoch from ${idempotencyKeys.lockedUntil} - now()), 1))::int`,
    })
    .from(idempotencyKeys)
    .where(named(name));
  return row ?? null;
}

/** The holder is alive: holds it as long again. Null where it lost the key. */
export async function renewKey(db: DrizzleQueryable, name: KeyName, held: Date): Promise<Date | null> {
  const [row] = await db
    .update(idempotencyKeys)
    .set({ lockedUntil: lockEnd })
    .where(and(named(name), isNull(idempotencyKeys.status), eq(idempotencyKeys.lockedUntil, held)))
    .returning({ lockedUntil: idempotencyKeys.lockedUntil });
  return row?.lockedUntil ?? null;
}

/** Keeps the answer for whoever asks again; changes nothing where the key was lost meanwhile. */
export async function storeResponse(db: DrizzleQueryable, name: KeyName, held: Date, status: number, answer: string) {
  await db
    .update(idempotencyKeys)
    .set({ status, answer })
    .where(and(named(name), isNull(idempotencyKeys.status), eq(idempotencyKeys.lockedUntil, held)));
}

/** Gives the key back: nothing was done, so the request may be sent again, even another one. */
export async function releaseKey(db: DrizzleQueryable, name: KeyName, held: Date) {
  await db
    .delete(idempotencyKeys)
    .where(and(named(name), isNull(idempotencyKeys.status), eq(idempotencyKeys.lockedUntil, held)));
}

/** Removes keys past their life, of all shards; for the housekeeping of a worker. */
export async function dropOldKeys(db: DrizzleQueryable): Promise<void> {
  await db.delete(idempotencyKeys).where(lt(idempotencyKeys.createdAt, sql`now() - ${life}`));
}
