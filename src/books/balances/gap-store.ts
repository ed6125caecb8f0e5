import type { Sql } from "../../database/connect.ts";
import { everyShard } from "../../database/every-shard.ts";
import type { Gap } from "./find-gaps.ts";

/**
 * Keeps the gaps among the balances `comparedIds`; true where one of them is new. One that is none any more, because
 * a balance between the two came late, is closed.
 */
export async function keepGaps(
  sql: Sql,
  shard: number,
  connectionId: string,
  comparedIds: string[],
  gaps: Gap[],
): Promise<boolean> {
  const ids = gaps.map(gap => gap.balanceId);
  await sql`
    update balance_gaps set closed_at = now()
    where shard = ${shard} and connection_id = ${connectionId} and closed_at is null
      and balance_id = any(${comparedIds}::uuid[]) and not balance_id = any(${ids}::uuid[])`;
  if (gaps.length === 0) return false;
  const rows = await sql`
    insert into balance_gaps (shard, connection_id, balance_id, at, previous_at, expected, found, currency, opened_at)
    select ${shard}, ${connectionId}, balance_id, at::timestamptz, previous_at::timestamptz, expected, found, currency,
      now()
    from unnest(
      ${gaps.map(g => g.balanceId)}::uuid[], ${gaps.map(g => g.at.toISOString())}::text[],
      ${gaps.map(g => g.previousAt.toISOString())}::text[], ${gaps.map(g => g.expected.toString())}::int8[],
      ${gaps.map(g => g.found.toString())}::int8[], ${gaps.map(g => g.currency)}::text[])
      as g (balance_id, at, previous_at, expected, found, currency)
    on conflict (shard, connection_id, balance_id) do update set previous_at = excluded.previous_at,
      expected = excluded.expected, found = excluded.found
    where balance_gaps.closed_at is null and balance_gaps.expected <> excluded.expected
    returning balance_id`;
  return rows.length > 0;
}

export type OpenGap = Gap & { openedAt: Date };

const shownMax = 100;

/** The gaps of a connection that nothing explains yet, newest first, a hundred at most. */
export async function openGaps(sql: Sql, shard: number, connectionId: string): Promise<OpenGap[]> {
  return await sql<OpenGap[]>`
    select balance_id as "balanceId", at, previous_at as "previousAt", expected, found, currency,
      opened_at as "openedAt"
    from balance_gaps where shard = ${shard} and connection_id = ${connectionId} and closed_at is null
    order by at desc limit ${shownMax}`;
}

/** Connections with open gaps. */
export async function connectionsWithGaps(sql: Sql): Promise<{ shard: number; connectionId: string }[]> {
  return await sql<{ shard: number; connectionId: string }[]>`
    select distinct shard, connection_id as "connectionId" from balance_gaps
    where shard = any(${everyShard(sql)}) and closed_at is null limit 1000`;
}

/**
 * Closes the gaps that are explained by now: what is known to have moved between the two balances, beside the payments
 * that told their own, makes the difference. Known are completed transactions and the lines of statements; a line of a
 * transaction counts as the transaction. Returns how many are left open.
 */
export async function closeExplainedGaps(sql: Sql, shard: number, connectionId: string): Promise<number> {
  await sql`
    update balance_gaps g set closed_at = now()
    where g.shard = ${shard} and g.connection_id = ${connectionId} and g.closed_at is null
      and g.found - g.expected = coalesce((
        select sum(case when t.kind in ('stk_push', 'c2b', 'checkout', 'payment') then t.amount else -t.amount end)
        from transactions t
        where t.shard = ${shard} and t.connection_id = ${connectionId} and t.merged_into is null
          and t.status in ('completed', 'refunded') and coalesce(t.occurred_at, t.created_at) >= g.previous_at
          and coalesce(t.occurred_at, t.created_at) <= g.at
          and not exists (select 1 from evidence e join balances b on b.shard = e.shard and b.id = e.callback_id
            where e.shard = ${shard} and e.transaction_id = t.id and b.shard = ${shard}
              and b.connection_id = ${connectionId})), 0)
      + coalesce((
        select sum(l.amount) from (
          select distinct l.key, l.amount from statements s
          join statement_lines l on l.shard = s.shard and l.statement_id = s.id
          where s.shard = ${shard} and s.connection_id = ${connectionId} and l.shard = ${shard}
            and l.verdict in ('charge', 'sweep') and s.period_to >= g.previous_at and s.period_from <= g.at
            and l.completed_at >= g.previous_at and l.completed_at <= g.at) as l), 0)`;
  const [row] = await sql<{ open: number }[]>`
    select count(*)::int4 as open from balance_gaps
    where shard = ${shard} and connection_id = ${connectionId} and closed_at is null`;
  return row?.open ?? 0;
}
