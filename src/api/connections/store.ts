import { and, desc, eq, gt, inArray, isNull, or, sql } from "drizzle-orm";
import type { PgInsertValue, PgUpdateSetSource } from "drizzle-orm/pg-core";
import { connections, connectionTokens } from "../../database/schema/merchants.ts";
import { accessTokens, namedAccessTokens } from "../../database/schema/reconcile.ts";
import { shardOf } from "../../domain/ids.ts";
import type { DrizzleQueryable } from "../deps.ts";
import { expiresAfter } from "../expires-after-store.ts";
import type { Slice } from "../lists/list.ts";
import { idsOfShard } from "../lists/store.ts";
import type { withoutSecrets } from "./connection-columns.ts";

export type ConnectionRow = typeof connections.$inferSelect;
type NewConnection = PgInsertValue<typeof connections>;

export async function insertConnection(tx: DrizzleQueryable, connection: NewConnection): Promise<ConnectionRow> {
  const [row] = await tx.insert(connections).values(connection).returning();
  return row!;
}

const isActive = (id: string, merchantId: string | null) =>
  and(
    eq(connections.shard, shardOf(id)),
    eq(connections.id, id),
    isNull(connections.deletedAt),
    merchantId === null ? undefined : eq(connections.merchantId, merchantId),
  );

/** The connection; null where it was deleted or belongs to another merchant than `merchantId` (null: any). */
export async function findConnection(
  db: DrizzleQueryable,
  id: string,
  merchantId: string | null,
): Promise<ConnectionRow | null> {
  const [row] = await db.select().from(connections).where(isActive(id, merchantId));
  return row ?? null;
}

/** The same, locked until the database transaction ends: patches of one connection are merged one after the other. */
export async function lockConnection(
  tx: DrizzleQueryable,
  id: string,
  merchantId: string | null,
): Promise<ConnectionRow | null> {
  const [row] = await tx.select().from(connections).where(isActive(id, merchantId)).for("update");
  return row ?? null;
}

export async function updateConnection(
  tx: DrizzleQueryable,
  row: { shard: number; id: string },
  change: PgUpdateSetSource<typeof connections>,
): Promise<ConnectionRow> {
  const [updated] = await tx
    .update(connections)
    .set({ ...change, updatedAt: sql`now()` })
    .where(and(eq(connections.shard, row.shard), eq(connections.id, row.id)))
    .returning();
  return updated!;
}

/** Marks a connection as deleted; what was received through it stays. `erased` takes the place of its secrets. */
export async function markDeleted(
  tx: DrizzleQueryable,
  row: { shard: number; id: string },
  erased: ReturnType<typeof withoutSecrets>,
): Promise<void> {
  await updateConnection(tx, row, { deletedAt: sql`now()`, ...erased });
}

/** A merchant's connections. */
export async function countConnections(db: DrizzleQueryable, shard: number, merchantId: string): Promise<number> {
  const own = and(eq(connections.shard, shard), eq(connections.merchantId, merchantId), isNull(connections.deletedAt));
  return db.$count(connections, own);
}

export async function connectionIds(
  db: DrizzleQueryable,
  shard: number,
  slice: Slice,
  filter: { merchantId: string | null; provider?: string | undefined; environment?: string | undefined },
) {
  return idsOfShard(db, connections, connections, shard, slice, [
    isNull(connections.deletedAt),
    filter.merchantId === null ? undefined : eq(connections.merchantId, filter.merchantId),
    filter.provider === undefined ? undefined : eq(connections.provider, filter.provider),
    filter.environment === undefined ? undefined : eq(connections.environment, filter.environment),
  ]);
}

export async function connectionsById(db: DrizzleQueryable, shard: number, ids: string[]): Promise<ConnectionRow[]> {
  return db
    .select()
    .from(connections)
    .where(and(eq(connections.shard, shard), inArray(connections.id, ids)));
}

const tokenIsActive = or(isNull(connectionTokens.expiresAt), gt(connectionTokens.expiresAt, sql`now()`));

/** The sealed tokens of these connections that have not expired, newest first. */
export async function activeTokens(db: DrizzleQueryable, shard: number, ids: string[]) {
  return db
    .select({ connectionId: connectionTokens.connectionId, token: connectionTokens.token })
    .from(connectionTokens)
    .where(and(eq(connectionTokens.shard, shard), inArray(connectionTokens.connectionId, ids), tokenIsActive))
    .orderBy(desc(connectionTokens.createdAt), connectionTokens.tokenHash);
}

/**
 * Inserts a token. `clock_timestamp`, not `now`: a rotation may wait for another's lock after its transaction began.
 */
export async function insertToken(
  tx: DrizzleQueryable,
  token: { shard: number; connectionId: string; tokenHash: Buffer; token: string },
): Promise<void> {
  await tx.insert(connectionTokens).values({ ...token, createdAt: sql`clock_timestamp()` });
}

/** Erases the callback tokens and the access tokens of a connection that is deleted. */
export async function deleteTokens(tx: DrizzleQueryable, { shard, id }: { shard: number; id: string }): Promise<void> {
  for (const table of [connectionTokens, accessTokens, namedAccessTokens]) {
    await tx.delete(table).where(and(eq(table.shard, shard), eq(table.connectionId, id)));
  }
}

/** Lets the active tokens of a connection expire in `overlapS` seconds, or when they did before, if that is earlier. */
export async function expireTokens(
  tx: DrizzleQueryable,
  connection: { shard: number; id: string },
  overlapS: number,
): Promise<void> {
  await tx
    .update(connectionTokens)
    .set({ expiresAt: expiresAfter(overlapS) })
    .where(
      and(
        eq(connectionTokens.shard, connection.shard),
        eq(connectionTokens.connectionId, connection.id),
        tokenIsActive,
      ),
    );
}
