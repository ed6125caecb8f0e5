import { and, eq, inArray, isNotNull, isNull, sql } from "drizzle-orm";
import { alerts } from "../../database/schema/alerts.ts";
import type { AlertKind } from "../../domain/alerts.ts";
import { shardOf } from "../../domain/ids.ts";
import type { DrizzleQueryable } from "../deps.ts";
import type { Slice } from "../lists/list.ts";
import { idsOfShard } from "../lists/store.ts";

export type AlertRow = typeof alerts.$inferSelect;

export async function alertIds(
  db: DrizzleQueryable,
  shard: number,
  slice: Slice,
  filter: {
    merchantId: string | null;
    state?: "open" | "closed" | undefined;
    kind?: AlertKind | undefined;
    connection_id?: string | undefined;
  },
) {
  const { merchantId, state, kind, connection_id } = filter;
  return idsOfShard(db, alerts, alerts, shard, slice, [
    merchantId === null ? undefined : eq(alerts.merchantId, merchantId),
    state === undefined ? undefined : state === "open" ? isNull(alerts.closedAt) : isNotNull(alerts.closedAt),
    kind === undefined ? undefined : eq(alerts.kind, kind),
    connection_id === undefined ? undefined : eq(alerts.connectionId, connection_id),
  ]);
}

export async function alertsById(db: DrizzleQueryable, shard: number, ids: string[]): Promise<AlertRow[]> {
  return db
    .select()
    .from(alerts)
    .where(and(eq(alerts.shard, shard), inArray(alerts.id, ids)));
}

const isAlert = (id: string, merchantId: string | null) =>
  and(
    eq(alerts.shard, shardOf(id)),
    eq(alerts.id, id),
    merchantId === null ? undefined : eq(alerts.merchantId, merchantId),
  );

/** The alert; null where it belongs to another merchant than `merchantId` (null: any), or to the installation. */
export async function findAlert(db: DrizzleQueryable, id: string, merchantId: string | null): Promise<AlertRow | null> {
  const [row] = await db.select().from(alerts).where(isAlert(id, merchantId));
  return row ?? null;
}

/** Notes who acknowledged it first; null where that was done before. */
export async function acknowledge(tx: DrizzleQueryable, id: string, by: string): Promise<AlertRow | null> {
  const [row] = await tx
    .update(alerts)
    .set({ acknowledgedAt: sql`now()`, acknowledgedBy: by })
    .where(and(isAlert(id, null), isNull(alerts.acknowledgedAt)))
    .returning();
  return row ?? null;
}
