import { and, eq, gt, lt, or, sql } from "drizzle-orm";
import type { DrizzleQueryable } from "../../api/deps.ts";
import { consoleSessions } from "../../database/schema/people.ts";

const idle = sql`interval '30 minutes'`;
const lifetime = sql`interval '12 hours'`;

/** A session by the shard of its key and the SHA-256 of its id. */
export type SessionReference = { shard: number; idHash: Buffer };

const isSession = ({ shard, idHash }: SessionReference) =>
  and(eq(consoleSessions.shard, shard), eq(consoleSessions.idHash, idHash));

export async function insertSession(tx: DrizzleQueryable, session: SessionReference & { keyHash: Buffer }) {
  await tx.insert(consoleSessions).values(session);
}

/** The hash of the key that signed in, and notes that the session is used; null where it has ended. */
export async function touchSession(db: DrizzleQueryable, session: SessionReference): Promise<Buffer | null> {
  const [row] = await db
    .update(consoleSessions)
    .set({ lastSeenAt: sql`now()` })
    .where(
      and(
        isSession(session),
        gt(consoleSessions.lastSeenAt, sql`now() - ${idle}`),
        gt(consoleSessions.createdAt, sql`now() - ${lifetime}`),
      ),
    )
    .returning({ keyHash: consoleSessions.keyHash });
  return row?.keyHash ?? null;
}

/** Ends a session. Returns the hash of its key; null where there was none. */
export async function deleteSession(tx: DrizzleQueryable, session: SessionReference): Promise<Buffer | null> {
  const [row] = await tx
    .delete(consoleSessions)
    .where(isSession(session))
    .returning({ keyHash: consoleSessions.keyHash });
  return row?.keyHash ?? null;
}

/** Removes the sessions of all shards that have ended by themselves. Called by a worker's maintenance. */
export async function dropEndedSessions(db: DrizzleQueryable): Promise<void> {
  await db
    .delete(consoleSessions)
    .where(
      or(lt(consoleSessions.lastSeenAt, sql`now() - ${idle}`), lt(consoleSessions.createdAt, sql`now() - ${lifetime}`)),
    );
}
