import type { Sql } from "../database/connect.ts";
import { heartbeatStaleS } from "../database/heartbeat.ts";

/** A queue's rows, counted up to `countedMax`, and for how long what is due has been due at most, in seconds. */
export type QueueState = { depth: number; oldestS: number };

/** What waits, all shards together. */
export type Backlog = {
  queues: Record<"inbox" | "delivery" | "poll", QueueState>;
  /** Callbacks in quarantine, counted up to `countedMax`. */
  quarantined: number;
  /** Connections that five errors in a row, or a pause, keep from being asked. */
  breakersOpen: number;
  paused: number;
  /** Enabled endpoints that have had nothing but failures for a while. */
  endpointsFailing: number;
  /** Workers whose hearts beat. */
  workers: number;
};

/** More rows than that are not counted: looking must not cost more the worse things are. */
export const countedMax = 20_000;
/** Errors in a row that open a connection's breaker (reconcile). */
const breakerErrors = 5;

/**
 * One statement, bounded by `countedMax` rows of each queue, whatever waits there. Beyond that many the oldest is the oldest of those
 * looked at, which lie first in the table and so are mostly the first that came.
 */
export async function readBacklog(sql: Sql): Promise<Backlog> {
  const [row] = await sql<Record<string, number>[]>`
    with inbox as (select due_at from inbox_queue limit ${countedMax}),
    delivery as (select due_at from delivery_queue limit ${countedMax}),
    poll as (select due_at from poll_queue limit ${countedMax}),
    quarantined as (select 1 from callback_readings where state = 'quarantined' limit ${countedMax}),
    pace as (select errors, paused_until from connection_pace limit ${countedMax})
    select
      (select count(*)::int from inbox) as "inbox",
      (select ${secondsDue(sql)} from inbox where due_at <= now()) as "inboxS",
      (select count(*)::int from delivery) as "delivery",
      (select ${secondsDue(sql)} from delivery where due_at <= now()) as "deliveryS",
      (select count(*)::int from poll) as "poll",
      (select ${secondsDue(sql)} from poll where due_at <= now()) as "pollS",
      (select count(*)::int from quarantined) as "quarantined",
      (select count(*)::int from pace where errors >= ${breakerErrors}) as "breakersOpen",
      (select count(*)::int from pace where paused_until > now()) as "paused",
      (select count(*)::int from endpoints where enabled and failing_since is not null and deleted_at is null) as "endpointsFailing",
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
