import { integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { shard, time } from "./columns.ts";

/** When a channel of a connection had its first and its last callback. */
export const channelActivity = pgTable(
  "channel_activity",
  {
    shard: shard(),
    connectionId: uuid("connection_id").notNull(),
    channel: text("channel").notNull(),
    firstAt: time("first_at").notNull(),
    lastAt: time("last_at").notNull(),
  },
  t => [primaryKey({ columns: [t.shard, t.connectionId, t.channel] })],
);

/** Callbacks of a channel in one hour; hours without any have no row. */
export const callbackHours = pgTable(
  "callback_hours",
  {
    shard: shard(),
    connectionId: uuid("connection_id").notNull(),
    channel: text("channel").notNull(),
    hour: time("hour").notNull(),
    count: integer("count").notNull(),
  },
  t => [primaryKey({ columns: [t.shard, t.connectionId, t.channel, t.hour] })],
);

/** How far the callbacks of a shard were counted. */
export const silenceCursors = pgTable(
  "silence_cursors",
  {
    shard: shard(),
    /** Hours before this one are counted. */
    countedTo: time("counted_to").notNull(),
    /** Last callbacks are known up to this time. */
    seenTo: time("seen_to").notNull(),
    /** From when on callbacks are read again: what an outage kept on disk comes late. */
    seenFrom: time("seen_from").notNull(),
    /** Since when there was a look every minute. */
    resumedAt: time("resumed_at").notNull(),
  },
  t => [primaryKey({ columns: [t.shard] })],
);
