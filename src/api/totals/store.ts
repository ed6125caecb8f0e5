import { type SQL, sql } from "drizzle-orm";
import type { Environment } from "../../domain/kinds.ts";
import type { DrizzleQueryable } from "../deps.ts";

export const groupings = ["day", "connection", "provider", "kind", "status"] as const;
export type Grouping = (typeof groupings)[number];

export type TotalsFilter = {
  merchantId: string | null;
  connectionId: string | null;
  environment: Environment | null;
  /** Inclusive. */
  from: Date;
  /** Exclusive. */
  to: Date;
  groupBy: readonly Grouping[];
  /** IANA name: that of the days. */
  timeZone: string;
};

/** A sum of one shard. Amounts are minor units; what is not grouped by is null. */
export type TotalRow = {
  day: string | null;
  connection: string | null;
  provider: string | null;
  kind: string | null;
  status: string | null;
  currency: string | null;
  count: number;
  amount: bigint;
  fees: bigint;
};

/**
 * Adds up the transactions of a period, by the time at which they happened, else were made. Only money that moved
 * counts, unless the status is told apart.
 */
export async function totalsOfShard(db: DrizzleQueryable, shard: number, filter: TotalsFilter): Promise<TotalRow[]> {
  const { merchantId, connectionId, environment, from, to, groupBy, timeZone } = filter;
  const has = (grouping: Grouping) => groupBy.includes(grouping);
  const when = sql`coalesce(t.occurred_at, t.created_at)`;
  const column = (grouping: Grouping, value: SQL) => (has(grouping) ? value : sql`null::text`);
  // The index has the connection, not the merchant, so the connections are named.
  const connections = sql`
    select id from connections c where c.shard = ${shard}
      ${merchantId === null ? sql`` : sql`and c.merchant_id = ${merchantId}`}
      ${connectionId === null ? sql`` : sql`and c.id = ${connectionId}`}
      ${environment === null ? sql`` : sql`and c.environment = ${environment}`}`;
  const rows = await db.execute<Record<string, unknown>>(sql`
    select day, connection, provider, kind, status, currency, count(*)::int4 as count,
      coalesce(sum(amount), 0)::text as amount, coalesce(sum(fees), 0)::text as fees
    from (
      select ${column("day", sql`to_char(${when} at time zone ${timeZone}, 'YYYY-MM-DD')`)} as day,
        ${column("connection", sql`t.connection_id::text`)} as connection,
        ${column("provider", sql`t.provider`)} as provider, ${column("kind", sql`t.kind`)} as kind,
        ${column("status", sql`t.status`)} as status, t.currency, t.amount,
        (select sum(f.amount) from transaction_fees f where f.shard = ${shard} and f.transaction_id = t.id) as fees
      from transactions t
      where t.shard = ${shard} and t.merged_into is null and t.connection_id in (${connections})
        and ${when} >= ${from.toISOString()}::timestamptz and ${when} < ${to.toISOString()}::timestamptz
        ${has("status") ? sql`` : sql`and t.status in ('completed', 'refunded') and t.amount is not null`}
    ) as counted
    group by day, connection, provider, kind, status, currency`);
  return Array.from(rows, row => {
    const total = row as Omit<TotalRow, "amount" | "fees"> & { amount: string; fees: string };
    return { ...total, amount: BigInt(total.amount), fees: BigInt(total.fees) };
  });
}
