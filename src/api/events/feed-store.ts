import type { Queryable, Sql } from "../../database/connect.ts";

/** A place in the order of events: by the time of writing; within one millisecond by number, then by id. */
export type FeedPosition = { at: Date; sequence: number; id: string };

/** Before every event that is written at this time or later. */
export const positionAt = (at: Date): FeedPosition => ({
  at,
  sequence: 0,
  id: "00000000-0000-0000-0000-000000000000",
});

export type FeedFilter = {
  /** Null: every merchant's. */
  merchantId: string | null;
  type?: string | undefined;
  transactionId?: string | undefined;
  createdAfter?: Date | undefined;
  createdBefore?: Date | undefined;
};

export type FeedRow = FeedPosition & {
  merchantId: string;
  type: string;
  sealed: Buffer | null;
  body: string | null;
};

/**
 * The time before which no event will appear any more: the beginning of the oldest database transaction that may have
 * written some, else now. A transaction of more than a second that has no id has written nothing, and what it writes is
 * later than now. The answer is to be had before the statement that reads events takes its snapshot.
 */
export async function feedHorizon(sql: Sql): Promise<Date> {
  const [row] = await sql<{ at: Date }[]>`
    select least(clock_timestamp(), (
      select min(xact_start) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()
        and (backend_xid is not null or xact_start > clock_timestamp() - interval '1 second')
    ))::timestamptz(3) as at`;
  return row!.at;
}

/** Where an event is; null where it does not exist or belongs to another merchant than `merchantId` (null: any). */
export async function positionOf(
  tx: Queryable,
  shard: number,
  id: string,
  merchantId: string | null,
): Promise<FeedPosition | null> {
  const [row] = await tx<FeedPosition[]>`
    select created_at as at, coalesce(sequence, 0) as sequence, id from events
    where shard = ${shard} and id = ${id} and (${merchantId}::uuid is null or merchant_id = ${merchantId})`;
  return row ?? null;
}

/** Events of one shard after a position and before the horizon, oldest first. */
export async function eventsAfter(
  tx: Queryable,
  shard: number,
  range: { after: FeedPosition; before: Date; count: number },
  filter: FeedFilter,
): Promise<FeedRow[]> {
  const { after, before, count } = range;
  const from = latest(after.at, filter.createdAfter);
  const to = earliest(before, filter.createdBefore);
  return await tx<FeedRow[]>`
    select found.* from merchants
    cross join lateral (
      select created_at as at, coalesce(sequence, 0) as sequence, id, merchant_id as "merchantId", type, sealed, body
      from events
      where shard = ${shard} and merchant_id = merchants.id and created_at >= ${from} and created_at < ${to}
        and (created_at, coalesce(sequence, 0), id) > (${after.at}, ${after.sequence}, ${after.id})
        and type like ${likeOf(filter.type)}
        and (${filter.transactionId ?? null}::uuid is null or transaction_id = ${filter.transactionId ?? null})
      order by 1, 2, 3
      limit ${count}
    ) found
    where merchants.shard = ${shard} and (${filter.merchantId}::uuid is null or merchants.id = ${filter.merchantId})
    order by 1, 2, 3
    limit ${count}`;
}

/** A type, or the wildcard of a family. */
function likeOf(type = "*"): string {
  const literal = type.replaceAll("_", "\\_");
  return literal.endsWith("*") ? `${literal.slice(0, -1)}%` : literal;
}

const latest = (a: Date, b: Date | undefined) => (b !== undefined && b > a ? b : a);
const earliest = (a: Date, b: Date | undefined) => (b !== undefined && b < a ? b : a);
