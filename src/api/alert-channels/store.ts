import { and, eq, inArray, isNull, type SQL, sql } from "drizzle-orm";
import type { PgInsertValue } from "drizzle-orm/pg-core";
import { alertChannels } from "../../database/schema/alerts.ts";
import { shardOf } from "../../domain/ids.ts";
import type { DrizzleQueryable } from "../deps.ts";
import type { Slice } from "../lists/list.ts";
import { idsOfShard } from "../lists/store.ts";

export type AlertChannelRow = typeof alertChannels.$inferSelect;

export async function insertAlertChannel(tx: DrizzleQueryable, row: PgInsertValue<typeof alertChannels>) {
  const [made] = await tx.insert(alertChannels).values(row).returning();
  return made!;
}

/** How many channels a merchant has; null: the installation. */
export async function countAlertChannels(db: DrizzleQueryable, shard: number, merchantId: string | null) {
  return db.$count(
    alertChannels,
    and(eq(alertChannels.shard, shard), ofOwner(merchantId), isNull(alertChannels.deletedAt)),
  );
}

function ofOwner(merchantId: string | null): SQL {
  return merchantId === null ? isNull(alertChannels.merchantId) : eq(alertChannels.merchantId, merchantId);
}

/** The channel; null where it was deleted or is not of this merchant (null: any owner's). */
export async function findAlertChannel(
  db: DrizzleQueryable,
  id: string,
  merchantId: string | null,
): Promise<AlertChannelRow | null> {
  const [row] = await db
    .select()
    .from(alertChannels)
    .where(
      and(
        eq(alertChannels.shard, shardOf(id)),
        eq(alertChannels.id, id),
        isNull(alertChannels.deletedAt),
        merchantId === null ? undefined : ofOwner(merchantId),
      ),
    );
  return row ?? null;
}

/** Deletes a channel with its secrets; `erased` is the sealed nothing in their place. False where another call did. */
export async function deleteAlertChannel(tx: DrizzleQueryable, id: string, erased: string): Promise<boolean> {
  const rows = await tx
    .update(alertChannels)
    .set({ deletedAt: sql`now()`, secrets: erased, target: "" })
    .where(and(eq(alertChannels.shard, shardOf(id)), eq(alertChannels.id, id), isNull(alertChannels.deletedAt)))
    .returning({ id: alertChannels.id });
  return rows.length > 0;
}

export async function alertChannelIds(
  db: DrizzleQueryable,
  shard: number,
  slice: Slice,
  { merchantId }: { merchantId: string | null },
) {
  return idsOfShard(db, alertChannels, alertChannels, shard, slice, [
    isNull(alertChannels.deletedAt),
    merchantId === null ? undefined : ofOwner(merchantId),
  ]);
}

export async function alertChannelsById(
  db: DrizzleQueryable,
  shard: number,
  ids: string[],
): Promise<AlertChannelRow[]> {
  return db
    .select()
    .from(alertChannels)
    .where(and(eq(alertChannels.shard, shard), inArray(alertChannels.id, ids)));
}
