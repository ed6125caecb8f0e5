import { and, eq, gte, inArray, isNotNull, isNull, lt, type SQL, sql } from "drizzle-orm";
import { connections, merchants } from "../../database/schema/merchants.ts";
import { transactionRefs, transactions } from "../../database/schema/transactions.ts";
import { lowestUuid, shardOf } from "../../domain/ids.ts";
import type { Environment, Kind, Status } from "../../domain/kinds.ts";
import type { DrizzleQueryable } from "../deps.ts";
import type { Slice } from "../lists/list.ts";
import { idsOfShard } from "../lists/store.ts";

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

/** The filters of the list; `merchantId` null shows every merchant's. */
export type TransactionFilter = {
  merchantId: string | null;
  status?: Status | undefined;
  provider?: string | undefined;
  kind?: Kind | undefined;
  environment?: Environment | undefined;
  connection_id?: string | undefined;
  reference?: string | undefined;
  provider_ref?: string | undefined;
  review?: string | undefined;
  /** Keyed hashes of a phone, and of the beginning of a name. */
  phoneHash?: Buffer | undefined;
  nameHash?: number | undefined;
  created_after?: Date | undefined;
  created_before?: Date | undefined;
};

export async function transactionIds(db: DrizzleQueryable, shard: number, slice: Slice, filter: TransactionFilter) {
  const { merchantId, status, provider, kind, environment, connection_id } = filter;
  return idsOfShard(db, transactions, transactions, shard, slice, [
    isNull(transactions.mergedInto),
    merchantId === null ? undefined : eq(transactions.merchantId, merchantId),
    status === undefined ? undefined : eq(transactions.status, status),
    provider === undefined ? undefined : eq(transactions.provider, provider),
    kind === undefined ? undefined : eq(transactions.kind, kind),
    environment === undefined ? undefined : eq(transactions.environment, environment),
    connection_id === undefined ? undefined : eq(transactions.connectionId, connection_id),
    ...withReference(db, shard, filter),
    ...withProviderRef(db, shard, filter),
    ...withPhone(db, shard, filter),
    ...withName(filter.nameHash),
    ...inReview(filter.review),
    ...createdWithin(filter.created_after, filter.created_before),
  ]);
}

/**
 * Matches trimmed and in any letter case. The index begins with the connection, so the merchant's connections are
 * named.
 */
function withReference(db: DrizzleQueryable, shard: number, filter: TransactionFilter): (SQL | undefined)[] {
  if (filter.reference === undefined) return [];
  const same = sql`lower(btrim(${transactions.reference})) = lower(btrim(${filter.reference}))`;
  if (filter.connection_id !== undefined) return [isNotNull(transactions.reference), same];
  const ofMerchant = filter.merchantId === null ? undefined : eq(connections.merchantId, filter.merchantId);
  const connectionIds = db
    .select({ id: connections.id })
    .from(connections)
    .where(and(eq(connections.shard, shard), ofMerchant));
  return [isNotNull(transactions.reference), same, inArray(transactions.connectionId, connectionIds)];
}

function withProviderRef(db: DrizzleQueryable, shard: number, { provider_ref }: TransactionFilter): SQL[] {
  if (provider_ref === undefined) return [];
  const transactionIds = db
    .select({ id: transactionRefs.transactionId })
    .from(transactionRefs)
    .where(and(eq(transactionRefs.shard, shard), eq(transactionRefs.value, provider_ref)));
  return [inArray(transactions.id, transactionIds)];
}

/** The index begins with the merchant, so the shard's merchants are named where it may be any. */
function withPhone(db: DrizzleQueryable, shard: number, { phoneHash, merchantId }: TransactionFilter): SQL[] {
  if (phoneHash === undefined) return [];
  const same = [isNotNull(transactions.phoneHash), eq(transactions.phoneHash, phoneHash)];
  if (merchantId !== null) return same;
  const all = db.select({ id: merchants.id }).from(merchants).where(eq(merchants.shard, shard));
  return [...same, inArray(transactions.merchantId, all)];
}

function withName(nameHash: number | undefined): SQL[] {
  return nameHash === undefined ? [] : [sql`${transactions.nameHashes} @> array[${nameHash}::int]`];
}

function inReview(review: string | undefined): SQL[] {
  if (review === undefined) return [];
  if (review === "false") return [isNull(transactions.review)];
  const any = isNotNull(transactions.review);
  return review === "true" ? [any] : [any, sql`${transactions.review}->>'reason' = ${review}`];
}

/**
 * Ids contain the application's time, `created_at` the database's: ids bound the scan, an hour wider, and the column
 * decides.
 */
function createdWithin(after: Date | undefined, before: Date | undefined): SQL[] {
  const slackMs = 3_600_000;
  const from = after && [
    gte(transactions.id, lowestUuid(after.getTime() - slackMs)),
    gte(transactions.createdAt, after),
  ];
  const to = before && [
    lt(transactions.id, lowestUuid(before.getTime() + slackMs)),
    lt(transactions.createdAt, before),
  ];
  return [...(from ?? []), ...(to ?? [])];
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
