import type { Sql } from "../../database/connect.ts";
import { everyShard } from "../../database/every-shard.ts";

/** A balance of a connection's account. Amounts are minor units. */
export type BalanceRow = {
  id: string;
  at: Date;
  amount: bigint;
  currency: string;
  change: bigint | null;
  checked: boolean;
};

/** Connections with balances that were not compared yet, and that came before `settleS` seconds ago. */
export async function connectionsToCompare(
  sql: Sql,
  settleS: number,
): Promise<{ shard: number; connectionId: string }[]> {
  return await sql<{ shard: number; connectionId: string }[]>`
    select distinct shard, connection_id as "connectionId" from balances
    where shard = any(${everyShard(sql)}) and not checked and learnt_at < now() - make_interval(secs => ${settleS})
    limit 1000`;
}

const comparedMax = 2_000;

/**
 * The balances of a connection that are to be compared, each with those of the day before it, oldest first. Marks
 * nothing.
 */
export async function balancesToCompare(
  sql: Sql,
  shard: number,
  connectionId: string,
  settleS: number,
): Promise<BalanceRow[]> {
  return await sql<BalanceRow[]>`
    with unchecked as materialized (
      select min(at) as first from (
        select at from balances
        where shard = ${shard} and connection_id = ${connectionId} and not checked
          and learnt_at < now() - make_interval(secs => ${settleS})
        order by at limit ${comparedMax}) as oldest
    ), before as materialized (
      select max(b.at) as at from balances b, unchecked u
      where b.shard = ${shard} and b.connection_id = ${connectionId} and b.at < u.first
    )
    select b.id, b.at, b.amount, b.currency, b.change, b.checked from balances b, unchecked u, before p
    where b.shard = ${shard} and b.connection_id = ${connectionId}
      and b.at >= coalesce(p.at, u.first)
      and b.learnt_at < now() - make_interval(secs => ${settleS})
    order by b.at, b.amount limit ${comparedMax}`;
}

export async function markCompared(sql: Sql, shard: number, connectionId: string, ids: string[]): Promise<void> {
  await sql`
    update balances set checked = true
    where shard = ${shard} and connection_id = ${connectionId} and id = any(${ids}::uuid[])`;
}

/** The newest balance; null where none was told. */
export async function latestBalance(sql: Sql, shard: number, connectionId: string): Promise<BalanceRow | null> {
  const [row] = await sql<BalanceRow[]>`
    select id, at, amount, currency, change, checked from balances
    where shard = ${shard} and connection_id = ${connectionId}
    order by at desc, learnt_at desc limit 1`;
  return row ?? null;
}
