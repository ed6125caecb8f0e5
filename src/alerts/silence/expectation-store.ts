import type { Queryable } from "../../database/connect.ts";
import { channelSubject } from "../sources/scope.ts";

/** Weeks that are looked back at; `halfLifeWeeks` ago an hour counts half as much as last week's. */
export const learning = { weeksMax: 8, weeksMin: 2, halfLifeWeeks: 4 } as const;

/** Channels silent for longer were reported long ago, or had too little traffic for it. */
const gapDaysMax = 8;
/** Gaps below this are not looked at, in seconds. */
const gapMinS = 60;

/** A channel without callbacks since `lastAt`: how many were to be expected since then, and in an hour like this. */
export type ChannelGap = {
  connectionId: string;
  channel: string;
  firstAt: Date;
  lastAt: Date;
  /** Null: fewer than two weeks are known. */
  expected: number | null;
  perHour: number | null;
};

/**
 * For each channel of a shard (or of one connection), what its history lets expect since its last callback.
 *
 * The rate of an hour is learnt from the same hour of the week in the weeks before, by local time: the weighted
 * geometric mean of (count + 1), minus 1. It lies below the plain mean where counts scatter, so a campaign of one week
 * raises no alarm in the next. Expected is the sum over the hours of the gap, the first and the last in part.
 */
export async function channelGaps(
  sql: Queryable,
  shard: number,
  { now, timeZone, connectionId = null }: { now: Date; timeZone: string; connectionId?: string | null },
): Promise<ChannelGap[]> {
  const { weeksMax, weeksMin, halfLifeWeeks } = learning;
  return await sql<ChannelGap[]>`
    with channel as (
      select a.connection_id, a.channel, a.first_at, a.last_at
      from channel_activity a
      join connections c on c.shard = ${shard} and c.id = a.connection_id and c.deleted_at is null
      where a.shard = ${shard} and (${connectionId}::uuid is null or a.connection_id = ${connectionId})
        and (${connectionId}::uuid is not null or a.last_at < ${now}::timestamptz - make_interval(secs => ${gapMinS}))
        and a.last_at > ${now}::timestamptz - make_interval(days => ${gapDaysMax})
    ), hour as (
      select c.*, h.hour,
        extract(epoch from least(h.hour + interval '1 hour', ${now}) - greatest(h.hour, c.last_at)) / 3600 as share
      from channel c
      cross join lateral generate_series(
        date_trunc('hour', c.last_at), ${now}::timestamptz, interval '1 hour') as h (hour)
    ), sample as (
      select h.connection_id, h.channel, h.hour, power(0.5::float8, (w.week - 1)::float8 / ${halfLifeWeeks}) as weight,
        ln(1 + coalesce(k.count, 0)::float8) as size
      from hour h
      cross join generate_series(1, ${weeksMax}) as w (week)
      cross join lateral (
        select (h.hour at time zone ${timeZone} - make_interval(weeks => w.week)) at time zone ${timeZone} as hour
      ) as earlier
      left join callback_hours k on k.shard = ${shard} and k.connection_id = h.connection_id and k.channel = h.channel
        and k.hour = earlier.hour
      where earlier.hour >= date_trunc('hour', h.first_at)
    ), rate as (
      select connection_id, channel, hour,
        case when count(*) >= ${weeksMin} then exp(sum(weight * size) / sum(weight)) - 1 end as per_hour
      from sample group by 1, 2, 3
    )
    select h.connection_id as "connectionId", h.channel, h.first_at as "firstAt", h.last_at as "lastAt",
      sum(r.per_hour * h.share)::float8 as expected,
      (array_agg(r.per_hour order by h.hour desc))[1]::float8 as "perHour"
    from hour h
    left join rate r on r.connection_id = h.connection_id and r.channel = h.channel and r.hour = h.hour
    group by 1, 2, 3, 4`;
}

/** The owner and environment of connections, by id. */
export async function connectionOwners(sql: Queryable, shard: number, ids: readonly string[], leftOut: string) {
  return await sql<{ id: string; merchantId: string; environment: "production" | "sandbox" }[]>`
    select c.id, c.merchant_id as "merchantId", c.environment
    from connections c join merchants m on m.shard = ${shard} and m.id = c.merchant_id
    where c.shard = ${shard} and c.id = any(${ids as string[]}::uuid[]) and c.deleted_at is null
      and m.name <> ${leftOut}`;
}

/** The shards that have a connection. */
export async function shardsWithConnections(sql: Queryable): Promise<number[]> {
  const rows = await sql<{ shard: number }[]>`select distinct shard from connections where deleted_at is null`;
  return rows.map(({ shard }) => shard);
}

/** The channels, as subjects of alerts, whose last callback is too old to be compared with a history. */
export async function quietChannels(sql: Queryable, shard: number, now: Date): Promise<string[]> {
  const rows = await sql<{ connectionId: string; channel: string }[]>`
    select a.connection_id as "connectionId", a.channel
    from channel_activity a join connections c on c.shard = ${shard} and c.id = a.connection_id and c.deleted_at is null
    where a.shard = ${shard} and a.last_at <= ${now}::timestamptz - make_interval(days => ${gapDaysMax})`;
  return rows.map(({ connectionId, channel }) => channelSubject(connectionId, channel));
}
