import { and, desc, eq, lt, type SQL } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import { merchants } from "../../database/schema/merchants.ts";
import type { DrizzleQueryable } from "../deps.ts";
import type { Slice } from "./list.ts";

/** The shards that have a merchant. All other shards are empty. */
export async function usedShards(db: DrizzleQueryable): Promise<number[]> {
  const rows = await db.selectDistinct({ shard: merchants.shard }).from(merchants);
  return rows.map(row => row.shard);
}

/** Ids of one shard's rows, newest first, along an index that begins with the shard and ends with the id. */
export async function idsOfShard(
  db: DrizzleQueryable,
  table: PgTable,
  columns: { shard: PgColumn; id: PgColumn },
  shard: number,
  slice: Slice,
  where: (SQL | undefined)[],
): Promise<{ id: string }[]> {
  const below = slice.before === null ? undefined : lt(columns.id, slice.before);
  const rows = await db
    .select({ id: columns.id })
    .from(table)
    .where(and(eq(columns.shard, shard), below, ...where))
    .orderBy(desc(columns.id))
    .limit(slice.count);
  return rows as { id: string }[];
}
