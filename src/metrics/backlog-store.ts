import type { Sql } from "../database/connect.ts";
import { heartbeatStaleS } from "../database/heartbeat.ts";

/**
 * Rows of a queue, counted up to `countedMax`, and how long the oldest due row has been due, in seconds. Deliveries to
 * endpoints that fail are counted, and not waited for: that is their merchant's alert, and no queue is stuck.
 */
export type QueueState = { depth: number; oldestS: number };

/** The work that waits in all shards. */
export type Backlog = {
  queues: Record<"inbox" | "delivery" | "poll", QueueState>;
  /** Callbacks in quarantine, counted up to `countedMax`. */
  quarantined: number;
  /** Connections whose status calls failed five times in a row. */
  breakersOpen: number;
  /** Connections whose status calls are paused. */
  paused: number;
  /** Enabled endpoints whose last attempts all failed. */
  endpointsFailing: number;
  /** Workers with a recent heartbeat. */
  workers: number;
};

/** Rows beyond this number are not counted, so that a scrape costs the same however much waits. */
export const countedMax = 20_000;
/** Errors in a row after which a connection's circuit breaker opens (`errorsMax` of reconcile/calls/call-limits.ts). */
const breakerErrors = 5;

/**
 * One statement that reads at most `countedMax` rows of each queue. Of a longer queue it reads the rows that lie first
 * in the table, mostly the oldest; the oldest of those counts as the queue's.
 */
export async function readBacklog(sql: Sql): Promise<Backlog> {
  const [row] = await sql<Record<string, number>[]>`
    with inbox as (select due_at from inbox_queue limit ${countedMax}),
    delivery as (select due_at from delivery_queue limit ${countedMax}),
    takeable as (
      -- The oldest of each endpoint and priority, by the index that claims use.
      select oldest.due_at
      from (select shard, id from endpoints
        where enabled and failing_since is null and deleted_at is null limit ${countedMax}) e
      cross join (values (0::smallint), (1), (2)) as priorities (priority)
      cross join lateral (
        select q.due_at from delivery_queue q
        where q.shard = e.shard and q.endpoint_id = e.id and q.lane = priorities.priority
        order by q.due_at limit 1
      ) oldest
    ),
    poll as (select due_at from poll_queue where not audit limit ${countedMax}),
    quarantined as (select 1 from callback_readings where state = 'quarantined' limit ${countedMax}),
    pace as (select errors, paused_until from connection_pace limit ${countedMax})
    select
      (select count(*)::int from inbox) as "inbox",
      (select ${secondsDue(sql)} from inbox where due_at <= now()) as "inboxS",
      (select count(*)::int from delivery) as "delivery",
      (select ${secondsDue(sql)} from takeable where due_at <= now()) as "deliveryS",
      (select count(*)::int from poll) as "poll",
      (select ${secondsDue(sql)} from poll where due_at <= now()) as "pollS",
      (select count(*)::int from quarantined) as "quarantined",
      (select count(*)::int from pace where errors >= ${breakerErrors}) as "breakersOpen",
      (select count(*)::int from pace where paused_until > now()) as "paused",
      (select count(*)::int from endpoints
        where enabled and failing_since is not null and deleted_at is null) as "endpointsFailing",
      (select count(*)::int from heartbeats
        where role = 'worker' and beat_at > now() - make_interval(secs => ${heartbeatStaleS})) as "workers"`;
  const number = (name: string) => row![name]!;
  return {
    queues: {
      inbox: { depth: number("inbox"), oldestS: number("inboxS") },
      delivery: { depth: number("delivery"), oldestS: number("deliveryS") },
      poll: { depth: number("poll"), oldestS: number("pollS") },
    },
    quarantined: number("quarantined"),
    breakersOpen: number("breakersOpen"),
    paused: number("paused"),
    endpointsFailing: number("endpointsFailing"),
    workers: number("workers"),
  };
}

function secondsDue(sql: Sql) {
  return sql`coalesce(extract(epoch from now() - min(due_at)), 0)::float8`;
}
