import { and, eq, inArray } from "drizzle-orm";
import { transactions } from "../../database/schema/transactions.ts";
import { shardOf } from "../../domain/ids.ts";
import type { DrizzleQueryable } from "../deps.ts";

export type ListedTransactionRow = typeof transactions.$inferSelect;

/** Merges of merges are rare; a longer chain can only be a bug. */
const mergesMax = 10;

/**
 * The transaction with this id, or the one that it was merged into; null for another merchant's than `merchantId`
 * (null: any).
 */
export async function findTransaction(
  db: DrizzleQueryable,
  id: string,
  merchantId: string | null,
): Promise<ListedTransactionRow | null> {
  let current = id;
  for (let merges = 0; merges <= mergesMax; merges += 1) {
    const [row] = await db
      .select()
      .from(transactions)
      .where(
        and(
          eq(transactions.shard, shardOf(current)),
          eq(transactions.id, current),
          merchantId === null ? undefined : eq(transactions.merchantId, merchantId),
        ),
      );
    if (!row?.mergedInto) return row ?? null;
    current = row.mergedInto;
  }
  return null;
}

export async function transactionsById(
  db: DrizzleQueryable,
  shard: number,
  ids: string[],
): Promise<ListedTransactionRow[]> {
  return db
    .select()
    .from(transactions)
    .where(and(eq(transactions.shard, shard), inArray(transactions.id, ids)));
}
