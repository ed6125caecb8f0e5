import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, primaryKey, smallint, text, uuid } from "drizzle-orm/pg-core";
import { bytea, createdAt, id, shard, time } from "./columns.ts";

/** An event owed to an endpoint. */
export const deliveries = pgTable(
  "deliveries",
  {
    shard: shard(),
    id: id(),
    merchantId: uuid("merchant_id").notNull(),
    endpointId: uuid("endpoint_id").notNull(),
    eventId: uuid("event_id").notNull(),
    state: text("state").$type<"pending" | "delivered" | "failed">().notNull(),
    attempts: smallint("attempts").notNull().default(0),
    createdAt: createdAt(),
    finishedAt: time("finished_at"),
    /** The first attempt, where it delivered: most deliveries have no other, and none in `delivery_attempts`. */
    firstStartedAt: time("first_started_at"),
    firstLatencyMs: integer("first_latency_ms"),
    firstStatus: smallint("first_status"),
    /** Its answer, sealed as that of an attempt. `first_answer` is that of rows from before. */
    sealed: bytea("sealed"),
    firstAnswer: text("first_answer"),
  },
  t => [
    primaryKey({ columns: [t.shard, t.id] }),
    index("deliveries_by_event").on(t.shard, t.eventId),
    index("deliveries_by_endpoint").on(t.shard, t.endpointId, t.id),
    check("deliveries_state", sql`${t.state} in ('pending', 'delivered', 'failed')`),
  ],
);

/**
 * The queue of deliveries: one row for each `pending` delivery, none for others. An endpoint's events of one
 * transaction wait for each other, by `sequence` (`order_key` is the transaction, or the event itself where there is
 * none).
 *
 * The key does not name the endpoint, although order is kept for each endpoint by itself: where two indexes begin
 * alike, old statistics make the planner take the wrong one, and walk a backlog for each row.
 */
export const deliveryQueue = pgTable(
  "delivery_queue",
  {
    shard: shard(),
    endpointId: uuid("endpoint_id").notNull(),
    orderKey: uuid("order_key").notNull(),
    sequence: integer("sequence").notNull(),
    deliveryId: uuid("delivery_id").notNull(),
    dueAt: time("due_at").notNull().defaultNow(),
    /** Attempts made in this round: the position in the retry schedule. */
    attempts: smallint("attempts").notNull().default(0),
    /** Of the process that holds the row; `due_at` is then the end of its lease. */
    leaseId: uuid("lease_id"),
    /** Priority: 0 first attempts, 1 retries and recovered deliveries, 2 replays; the lowest goes first. */
    lane: smallint("lane").notNull().default(0),
  },
  t => [
    primaryKey({ columns: [t.shard, t.orderKey, t.sequence, t.deliveryId] }),
    index("delivery_queue_due").on(t.shard, t.endpointId, t.lane, t.dueAt),
    check("delivery_queue_lane", sql`${t.lane} in (0, 1, 2)`),
  ],
);

/** One try at a delivery, unless it is in the delivery's own row. */
export const deliveryAttempts = pgTable(
  "delivery_attempts",
  {
    shard: shard(),
    deliveryId: uuid("delivery_id").notNull(),
    attempt: smallint("attempt").notNull(),
    startedAt: time("started_at").notNull(),
    latencyMs: integer("latency_ms").notNull(),
    /** HTTP status; null where there was no answer. */
    status: smallint("status"),
    /** Why the attempt failed, in words; null for a 2xx. */
    error: text("error"),
    /** First 2 KiB of the answer as text, sealed; null where it is empty. */
    sealed: bytea("sealed"),
    /** The same in rows from before personal data was sealed. */
    answer: text("answer"),
  },
  t => [primaryKey({ columns: [t.shard, t.deliveryId, t.attempt] })],
);
