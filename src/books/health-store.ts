import type { Sql } from "../database/connect.ts";
import { lowestUuid } from "../domain/ids.ts";

/** Callbacks of a connection by channel, within the last day. */
export type ChannelTraffic = { channel: string; lastAt: Date; last1h: number; last24h: number };

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Ids are in the order of time: only what came within a day is read. */
export async function channelTraffic(
  sql: Sql,
  shard: number,
  connectionId: string,
  now: Date,
): Promise<ChannelTraffic[]> {
  return await sql<ChannelTraffic[]>`
    select channel, max(received_at) as "lastAt",
      (count(*) filter (where received_at > ${new Date(now.getTime() - hourMs)}))::int4 as "last1h",
      count(*)::int4 as "last24h"
    from callbacks
    where shard = ${shard} and connection_id = ${connectionId} and id >= ${lowestUuid(now.getTime() - dayMs - hourMs)}
      and received_at > ${new Date(now.getTime() - dayMs)}
    group by channel`;
}

const lookBackDays = 35;

/** When a channel was last heard of, within 35 days; null where it was not. */
export async function lastHeard(
  sql: Sql,
  shard: number,
  connectionId: string,
  channel: string,
  now: Date,
): Promise<Date | null> {
  const [row] = await sql<{ at: Date }[]>`
    select received_at as at from callbacks
    where shard = ${shard} and connection_id = ${connectionId} and channel = ${channel}
      and id >= ${lowestUuid(now.getTime() - lookBackDays * dayMs)}
    order by id desc limit 1`;
  return row?.at ?? null;
}

/** The median of the seconds between two callbacks of the last day; null with fewer than ten. */
export async function usualGapS(sql: Sql, shard: number, connectionId: string, now: Date): Promise<number | null> {
  const [row] = await sql<{ gap: number | null; gaps: number }[]>`
    select percentile_cont(0.5) within group (order by gap) as gap, count(gap)::int4 as gaps from (
      select extract(epoch from received_at - lag(received_at) over (order by received_at))::float8 as gap
      from callbacks
      where shard = ${shard} and connection_id = ${connectionId}
        and id >= ${lowestUuid(now.getTime() - dayMs - hourMs)}
        and received_at > ${new Date(now.getTime() - dayMs)}) as gaps`;
  return row && row.gaps >= 9 ? row.gap : null;
}

export type Outcomes = { completed1h: number; ended1h: number; completed24h: number; ended24h: number };

/** Transactions that ended, and those that ended well, of the last hour and day. */
export async function outcomesOf(sql: Sql, shard: number, connectionId: string, now: Date): Promise<Outcomes> {
  const hourAgo = new Date(now.getTime() - hourMs);
  const dayAgo = new Date(now.getTime() - dayMs);
  const [row] = await sql<Outcomes[]>`
    select
      (count(*) filter (where paid and at > ${hourAgo}))::int4 as "completed1h",
      (count(*) filter (where at > ${hourAgo}))::int4 as "ended1h",
      (count(*) filter (where paid))::int4 as "completed24h", count(*)::int4 as "ended24h"
    from (
      select coalesce(occurred_at, created_at) as at, status in ('completed', 'refunded') as paid from transactions
      where shard = ${shard} and connection_id = ${connectionId} and merged_into is null
        and coalesce(occurred_at, created_at) > ${dayAgo}
        and status in ('completed', 'refunded', 'failed', 'expired', 'unresolved')) as ended`;
  return row!;
}
