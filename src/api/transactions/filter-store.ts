import { and, desc, eq, gte, inArray, isNotNull, isNull, lt, type SQL, sql } from "drizzle-orm";
import { connections, merchants } from "../../database/schema/merchants.ts";
import { pollQueue } from "../../database/schema/reconcile.ts";
import { transactionRefs, transactions } from "../../database/schema/transactions.ts";
import { lowestUuid } from "../../domain/ids.ts";
import { type Environment, type Kind, kindNames, type Status } from "../../domain/kinds.ts";
import { simulationMerchant } from "../../domain/simulation.ts";
import type { DrizzleQueryable } from "../deps.ts";
import { createdWithin, idSlackMs } from "../lists/created.ts";
import type { Slice } from "../lists/list.ts";
import { amountCondition, fewByAmount } from "./amount-store.ts";

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
  amount_min?: string | undefined;
  amount_max?: string | undefined;
  created_after?: Date | undefined;
  created_before?: Date | undefined;
  occurred_after?: Date | undefined;
  occurred_before?: Date | undefined;
};

type Ids = Promise<{ id: string }[]>;

const dayMs = 86_400_000;
const lowestOfAll = "00000000-0000-0000-0000-000000000000";
const highestUuid = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/**
 * Ids of one shard's transactions, newest first. Each filter alone is bounded by an index at any number of rows:
 * statuses that most transactions leave, or few end with, are listed where they are few; connection, provider,
 * environment and kind by the newest of each connection and kind; times by ids, whose order is that of time.
 */
export async function filteredIds(db: DrizzleQueryable, shard: number, slice: Slice, filter: TransactionFilter): Ids {
  const few = await fewByAmount(db, shard, filter);
  const conditions = [...few, ...conditionsOf(db, shard, slice, filter)];
  const pieces = occurredPieces(filter).map(piece => [...conditions, ...piece]);
  const listed = await Promise.all(pieces.map(piece => idsWhere(db, shard, slice, filter, piece)));
  return listed
    .flat()
    .sort((a, b) => (a.id < b.id ? 1 : -1))
    .slice(0, slice.count);
}

function idsWhere(
  db: DrizzleQueryable,
  shard: number,
  slice: Slice,
  filter: TransactionFilter,
  conditions: SQL[],
): Ids {
  const { status, provider, kind, environment, connection_id } = filter;
  if (status === "pending" || status === "processing") return unfinishedIds(db, shard, slice, conditions);
  if (filter.reference !== undefined) return idsByReference(db, shard, slice, filter, conditions);
  const isByConnection = [provider, kind, environment, connection_id].some(each => each !== undefined);
  const isRare = status !== undefined && status !== "completed";
  if (isByConnection && !isRare) return idsByConnection(db, shard, slice, filter, conditions);
  return db
    .select({ id: transactions.id })
    .from(transactions)
    .where(and(eq(transactions.shard, shard), ...conditions))
    .orderBy(desc(transactions.id))
    .limit(slice.count);
}

/** The poll schedule has an entry for each unfinished transaction, and few others. */
function unfinishedIds(db: DrizzleQueryable, shard: number, slice: Slice, conditions: SQL[]): Ids {
  const below = slice.before === null ? undefined : lt(pollQueue.transactionId, slice.before);
  return db
    .select({ id: pollQueue.transactionId })
    .from(pollQueue)
    .innerJoin(transactions, and(eq(transactions.shard, shard), eq(transactions.id, pollQueue.transactionId)))
    .where(and(eq(pollQueue.shard, shard), below, ...conditions))
    .orderBy(desc(pollQueue.transactionId))
    .limit(slice.count);
}

function connectionsConcerned({ merchantId, provider, environment, connection_id }: TransactionFilter) {
  return and(
    isNotNull(connections.id),
    merchantId === null ? undefined : eq(connections.merchantId, merchantId),
    provider === undefined ? undefined : eq(connections.provider, provider),
    environment === undefined ? undefined : eq(connections.environment, environment),
    connection_id === undefined ? undefined : eq(connections.id, connection_id),
  );
}

/**
 * Those with a reference, trimmed and in any letter case: the index begins with the connection, so each connection
 * concerned is looked up by itself. Named in one list, the planner walked a million rows instead.
 */
async function idsByReference(
  db: DrizzleQueryable,
  shard: number,
  slice: Slice,
  filter: TransactionFilter,
  conditions: SQL[],
): Ids {
  const rows = await db.execute<{ id: string }>(sql`
    select newest.id
    from (
      select connections.id as connection_id from connections
      where connections.shard = ${shard} and ${connectionsConcerned(filter)}
    ) as concerned
    cross join lateral (
      select transactions.id from transactions
      where transactions.shard = ${shard} and transactions.connection_id = concerned.connection_id
        and transactions.reference is not null
        and lower(btrim(transactions.reference)) = lower(btrim(${filter.reference})) and ${and(...conditions)}
      order by transactions.id desc limit ${slice.count}
    ) as newest
    order by newest.id desc limit ${slice.count}`);
  return [...rows];
}

/**
 * The newest of each connection and kind concerned, merged: a kind that is rare costs no walk over the others. A range
 * of the index, in its order: with equalities the planner was seen to walk a million rows by their ids instead.
 */
async function idsByConnection(
  db: DrizzleQueryable,
  shard: number,
  slice: Slice,
  filter: TransactionFilter,
  conditions: SQL[],
): Ids {
  const { kind } = filter;
  const kinds = sql.join(
    (kind === undefined ? kindNames : [kind]).map(name => sql`(${name}::text)`),
    sql`, `,
  );
  const rows = await db.execute<{ id: string }>(sql`
    select newest.id
    from (
      select connections.id as connection_id from connections
      where connections.shard = ${shard} and ${connectionsConcerned(filter)}
    ) as concerned
    cross join (values ${kinds}) as kinds (kind)
    cross join lateral (
      select transactions.id from transactions
      where transactions.shard = ${shard}
        and (transactions.connection_id, transactions.kind, transactions.id)
          <= (concerned.connection_id, kinds.kind, ${highestUuid}::uuid)
        and (transactions.connection_id, transactions.kind, transactions.id)
          >= (concerned.connection_id, kinds.kind, ${lowestOfAll}::uuid)
        and ${and(...conditions)}
      order by transactions.connection_id desc, transactions.kind desc, transactions.id desc limit ${slice.count}
    ) as newest
    order by newest.id desc limit ${slice.count}`);
  return [...rows];
}

function conditionsOf(db: DrizzleQueryable, shard: number, slice: Slice, filter: TransactionFilter): SQL[] {
  const { merchantId, status, provider, kind, environment, connection_id } = filter;
  const isRare = status !== undefined && ["failed", "expired", "refunded", "unresolved"].includes(status);
  return [
    isNull(transactions.mergedInto),
    slice.before === null ? undefined : lt(transactions.id, slice.before),
    merchantId === null ? undefined : eq(transactions.merchantId, merchantId),
    status === undefined ? undefined : eq(transactions.status, status),
    isRare ? eq(transactions.rareStatus, status) : undefined,
    provider === undefined ? undefined : eq(transactions.provider, provider),
    kind === undefined ? undefined : eq(transactions.kind, kind),
    environment === undefined ? undefined : eq(transactions.environment, environment),
    connection_id === undefined ? undefined : eq(transactions.connectionId, connection_id),
    ...withProviderRef(db, shard, filter),
    ...withPhone(db, shard, filter),
    ...withName(filter.nameHash),
    ...inReview(db, shard, filter),
    ...createdWithin({ id: transactions.id, at: transactions.createdAt }, filter),
    amountCondition(filter),
  ].filter(condition => condition !== undefined);
}

function withProviderRef(db: DrizzleQueryable, shard: number, { provider_ref }: TransactionFilter): SQL[] {
  if (provider_ref === undefined) return [];
  const transactionIds = db
    .select({ id: transactionRefs.transactionId })
    .from(transactionRefs)
    .where(and(eq(transactionRefs.shard, shard), sql`${transactionRefs.value} = lower(btrim(${provider_ref}))`));
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

/** Of every merchant's reviews, those of simulations are left out. */
function inReview(
  db: DrizzleQueryable,
  shard: number,
  { review, merchantId, connection_id }: TransactionFilter,
): SQL[] {
  if (review === undefined) return [];
  if (review === "false") return [isNull(transactions.review)];
  const any = isNotNull(transactions.review);
  const reasons = review === "true" ? [any] : [any, sql`${transactions.review}->>'reason' = ${review}`];
  if (merchantId !== null || connection_id !== undefined) return reasons;
  const simulated = db
    .select({ id: merchants.id })
    .from(merchants)
    .where(and(eq(merchants.shard, shard), eq(merchants.name, simulationMerchant)));
  return [...reasons, sql`${transactions.merchantId} not in ${simulated}`];
}

/**
 * The conditions of `occurred_*`, one list for each piece to be read. Most transactions are created within a day of
 * when they occurred: ids bound those. The others are few, and have a column of their own.
 */
function occurredPieces({ occurred_after: after, occurred_before: before }: TransactionFilter): SQL[][] {
  if (after === undefined && before === undefined) return [[]];
  const near = [
    isNull(transactions.occurredFarAt),
    after && gte(transactions.occurredAt, after),
    after && gte(transactions.id, lowestUuid(after.getTime() - dayMs - idSlackMs)),
    before && lt(transactions.occurredAt, before),
    before && lt(transactions.id, lowestUuid(before.getTime() + dayMs + idSlackMs)),
  ];
  const far = [
    isNotNull(transactions.occurredFarAt),
    after && gte(transactions.occurredFarAt, after),
    before && lt(transactions.occurredFarAt, before),
  ];
  return [near, far].map(conditions => conditions.filter(condition => condition !== undefined));
}
