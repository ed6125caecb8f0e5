import { sql } from "drizzle-orm";
import { check, index, jsonb, pgTable, primaryKey, smallint, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, id, shard, time } from "./columns.ts";

/** An attempt at a relayed callback. `status` is null where there was no answer. */
export type RelayAttempt = { at: string; latencyMs: number; status: number | null; error: string | null };

/** Callbacks that go on, untouched, to the handler that was there before (`settings.relay`). One for each callback. */
export const relays = pgTable(
  "relays",
  {
    shard: shard(),
    /** The callback. */
    callbackId: uuid("callback_id").notNull(),
    /** Of the delivery, as the API shows it. */
    id: id(),
    merchantId: uuid("merchant_id").notNull(),
    connectionId: uuid("connection_id").notNull(),
    channel: text("channel").notNull(),
    state: text("state").$type<"pending" | "delivered" | "failed">().notNull(),
    /** Made in this round: the position in the retry schedule. */
    attempts: smallint("attempts").notNull().default(0),
    tries: jsonb("tries").$type<RelayAttempt[]>().notNull().default([]),
    /** When the next attempt is due, or the lease of a running one ends. */
    dueAt: time("due_at").notNull(),
    leaseId: uuid("lease_id"),
    createdAt: createdAt(),
    finishedAt: time("finished_at"),
  },
  t => [
    primaryKey({ columns: [t.shard, t.callbackId] }),
    index("relays_by_id").on(t.shard, t.id),
    index("relays_due").on(t.shard, t.dueAt).where(sql`state = 'pending'`),
    check("relays_state", sql`${t.state} in ('pending', 'delivered', 'failed')`),
  ],
);
