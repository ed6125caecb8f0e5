import type { Queryable } from "../../database/connect.ts";
import { lowestUuid } from "../../domain/ids.ts";

const hourMs = 3_600_000;
/** Callbacks have the receiver's time in their ids; a clock may be so far off. */
const clockSlackMs = 120_000;

export type SilenceCursor = { countedTo: Date; seenTo: Date; seenFrom: Date; resumedAt: Date };

export async function silenceCursor(sql: Queryable, shard: number): Promise<SilenceCursor | null> {
  const [row] = await sql<SilenceCursor[]>`
    select counted_to as "countedTo", seen_to as "seenTo", seen_from as "seenFrom", resumed_at as "resumedAt"
    from silence_cursors where shard = ${shard}`;
  return row ?? null;
}

export async function writeSilenceCursor(sql: Queryable, shard: number, cursor: SilenceCursor): Promise<void> {
  const { countedTo, seenTo, seenFrom, resumedAt } = cursor;
  await sql`
    insert into silence_cursors (shard, counted_to, seen_to, seen_from, resumed_at)
    values (${shard}, ${countedTo}, ${seenTo}, ${seenFrom}, ${resumedAt})
    on conflict (shard) do update set counted_to = excluded.counted_to, seen_to = excluded.seen_to,
      seen_from = excluded.seen_from, resumed_at = excluded.resumed_at`;
}

/**
 * Counts the callbacks of whole hours, all channels of a shard in one statement. Counting an hour again gives the same
 * row.
 */
export async function countHours(sql: Queryable, shard: number, from: Date, to: Date): Promise<void> {
  await sql`
    insert into callback_hours (shard, connection_id, channel, hour, count)
    select ${shard}, connection_id, channel, date_trunc('hour', received_at), count(*)
    from callbacks
    where shard = ${shard} and id >= ${lowestUuid(from.getTime() - clockSlackMs)}
      and id < ${lowestUuid(to.getTime() + clockSlackMs)} and received_at >= ${from} and received_at < ${to}
    group by 2, 3, 4
    on conflict (shard, connection_id, channel, hour) do update set count = excluded.count`;
}

/** Notes the first and the last callback of each channel since `from`. */
export async function noteActivity(sql: Queryable, shard: number, from: Date): Promise<void> {
  await sql`
    insert into channel_activity as a (shard, connection_id, channel, first_at, last_at)
    select ${shard}, connection_id, channel, min(received_at), max(received_at)
    from callbacks
    where shard = ${shard} and id >= ${lowestUuid(from.getTime() - clockSlackMs)}
    group by 2, 3
    on conflict (shard, connection_id, channel) do update
      set first_at = least(a.first_at, excluded.first_at), last_at = greatest(a.last_at, excluded.last_at)`;
}

/** Drops hours that are too old to count. */
export async function dropOldHours(sql: Queryable, shard: number, before: Date): Promise<void> {
  await sql`delete from callback_hours where shard = ${shard} and hour < ${before}`;
}

/** The beginning of the hour of a time, in UTC. */
export function hourOf(at: Date): Date {
  return new Date(Math.floor(at.getTime() / hourMs) * hourMs);
}
