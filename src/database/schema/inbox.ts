import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { bytea, id, shard, time } from "./columns.ts";

/**
 * Callbacks, each once: the dedupe key and the digest of the body. Narrow, kept for good. The same key with another
 * digest is a callback of its own: conflicting evidence. No foreign keys: this is the hot path, and the token was
 * looked up.
 */
export const callbacks = pgTable(
  "callbacks",
  {
    shard: shard(),
    id: id(),
    merchantId: uuid("merchant_id").notNull(),
    connectionId: uuid("connection_id").notNull(),
    provider: text("provider").notNull(),
    channel: text("channel").notNull(),
    key: text("key").notNull(),
    digest: bytea("digest").notNull(),
    copies: integer("copies").notNull().default(1),
    /** The batch that last counted: a batch written again after a lost reply counts nothing twice. */
    batchId: uuid("batch_id").notNull(),
    receivedAt: time("received_at").notNull(),
    /** The strength of the callback's evidence: `signed` where a signature of the provider was verified. */
    strength: text("strength").notNull(),
    /** HTTP status and body answered, where the channel's answer is not constant. */
    answer: jsonb("answer"),
    /** The same, sealed; `answer` is that of rows from before personal data was sealed. */
    sealed: bytea("sealed"),
  },
  t => [
    primaryKey({ columns: [t.shard, t.id] }),
    unique("callbacks_once").on(t.shard, t.connectionId, t.channel, t.key, t.digest),
    check("callbacks_strength", sql`${t.strength} in ('hint', 'signed')`),
  ],
);

/**
 * Raw bytes, headers, method and query, never changed. Partitioned by id, that is by time (the partitions are made by
 * database/partitions.ts; the migration turns this table into a partitioned one), so that retention drops whole days.
 */
export const callbackBodies = pgTable(
  "callback_bodies",
  {
    shard: shard(),
    id: id(),
    /** HTTP method: `POST`, `PUT` or `GET`. */
    method: text("method").notNull().default("POST"),
    /** The query of the URL as it was sent, without the question mark. */
    query: text("query").notNull().default(""),
    /** Sealed method, query, headers and body (database/vault/callback-body.ts). */
    sealed: bytea("sealed"),
    /** In rows from before personal data was sealed. */
    headers: jsonb("headers").$type<Record<string, string>>(),
    body: bytea("body"),
  },
  t => [primaryKey({ columns: [t.shard, t.id] })],
);

/** The result of reading a callback. A callback without a row here is `pending`. */
export const callbackReadings = pgTable(
  "callback_readings",
  {
    shard: shard(),
    callbackId: uuid("callback_id").notNull(),
    /** How often it was read; reprocessing adds one. */
    reading: smallint("reading").notNull().default(1),
    state: text("state").notNull(),
    problems: jsonb("problems").notNull(),
    transactionIds: uuid("transaction_ids").array().notNull(),
    /** The callback said that something changed: a copy of it is read again, so that the provider is polled again. */
    changed: boolean("changed").notNull().default(false),
    /** The channel it was read as, where an operator named another one than the callback's own. */
    readAs: text("read_as"),
    /** The receiver that the callback names, where it is not the connection's: read again once it is. */
    wrongReceiver: text("wrong_receiver"),
    readAt: time("read_at").notNull().defaultNow(),
  },
  t => [
    primaryKey({ columns: [t.shard, t.callbackId] }),
    index("callback_readings_quarantined").on(t.shard, t.callbackId).where(sql`state = 'quarantined'`),
    index("callback_readings_wrong_receiver")
      .on(t.shard, t.wrongReceiver, t.callbackId)
      .where(sql`wrong_receiver is not null`),
    check("callback_readings_state", sql`${t.state} in ('processed', 'quarantined')`),
  ],
);

/** The queue of callbacks to be read. Narrow; a row lives for milliseconds. */
export const inboxQueue = pgTable(
  "inbox_queue",
  {
    shard: shard(),
    callbackId: uuid("callback_id").notNull(),
    dueAt: time("due_at").notNull().defaultNow(),
    attempts: smallint("attempts").notNull().default(0),
    leaseId: uuid("lease_id"),
    /** The channel to read it as, where that is not the callback's own. */
    readAs: text("read_as"),
  },
  t => [primaryKey({ columns: [t.shard, t.callbackId] })],
);
