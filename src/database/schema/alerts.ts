import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  index,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import type { AlertKind } from "../../domain/alerts.ts";
import type { EndpointEnvironment } from "../../domain/events.ts";
import { createdAt, id, shard, time } from "./columns.ts";

/** What a person should know of, until it closes by itself. Alerts of the installation are in shard 0. */
export const alerts = pgTable(
  "alerts",
  {
    shard: shard(),
    id: id(),
    /** Null: of the whole installation. */
    merchantId: uuid("merchant_id"),
    kind: text("kind").$type<AlertKind>().notNull(),
    subject: text("subject").notNull(),
    connectionId: uuid("connection_id"),
    endpointId: uuid("endpoint_id"),
    channel: text("channel"),
    environment: text("environment").$type<EndpointEnvironment>(),
    detail: text("detail").notNull(),
    /** Ids of the events `alert.opened` and `alert.closed`, the same in every message. */
    openedEvent: uuid("opened_event").notNull(),
    closedEvent: uuid("closed_event").notNull(),
    openedAt: time("opened_at").notNull(),
    acknowledgedAt: time("acknowledged_at"),
    acknowledgedBy: text("acknowledged_by"),
    closedAt: time("closed_at"),
    /** Whether the messages of its last change are queued. */
    told: boolean("told").notNull().default(false),
  },
  t => [
    primaryKey({ columns: [t.shard, t.id] }),
    uniqueIndex("alerts_open").on(t.shard, t.kind, t.subject).where(sql`closed_at is null`),
    index("alerts_by_merchant").on(t.shard, t.merchantId, t.id),
    index("alerts_untold").on(t.shard, t.id).where(sql`not told`),
  ],
);

/** Where messages about alerts go, beside the merchants' endpoints. Those of the installation are in shard 0. */
export const alertChannels = pgTable(
  "alert_channels",
  {
    shard: shard(),
    id: id(),
    /** Null: the installation's, which gets the alerts of every merchant. */
    merchantId: uuid("merchant_id"),
    kind: text("kind").$type<"webhook" | "slack" | "telegram" | "email">().notNull(),
    /** What may be shown of where it leads: URL, origin, address or chat. */
    target: text("target").notNull(),
    /** Sealed JSON: URL, token, signing secret. */
    secrets: text("secrets").notNull(),
    /** Null: every kind. */
    alerts: text("alerts").array(),
    /** Seconds after which an alert that is open and not acknowledged is told again; null: never. */
    remindAfterS: integer("remind_after_s"),
    createdAt: createdAt(),
    lastSuccessAt: time("last_success_at"),
    lastFailureAt: time("last_failure_at"),
    /** Of the last failure, until a success. */
    lastError: text("last_error"),
    deletedAt: time("deleted_at"),
  },
  t => [
    primaryKey({ columns: [t.shard, t.id] }),
    index("alert_channels_by_merchant").on(t.shard, t.merchantId, t.id),
    check("alert_channels_kind", sql`${t.kind} in ('webhook', 'slack', 'telegram', 'email')`),
  ],
);

/** One message owed to one channel, in the shard of its alert; the queue is the rows that are `pending`. */
export const alertMessages = pgTable(
  "alert_messages",
  {
    shard: shard(),
    id: id(),
    /** Null: a test. */
    alertId: uuid("alert_id"),
    channelId: uuid("channel_id").notNull(),
    about: text("about").$type<"opened" | "closed" | "reminder" | "test">().notNull(),
    /** Of reminders, from 1; else 0. */
    number: integer("number").notNull().default(0),
    state: text("state").$type<"pending" | "delivered" | "failed">().notNull().default("pending"),
    attempts: smallint("attempts").notNull().default(0),
    /** While `lease_id` is set, the end of its lease. */
    dueAt: time("due_at").notNull(),
    leaseId: uuid("lease_id"),
    error: text("error"),
    createdAt: createdAt(),
    finishedAt: time("finished_at"),
  },
  t => [
    primaryKey({ columns: [t.shard, t.id] }),
    unique("alert_messages_once").on(t.shard, t.alertId, t.channelId, t.about, t.number),
    index("alert_messages_due").on(t.shard, t.dueAt).where(sql`state = 'pending'`),
    check("alert_messages_state", sql`${t.state} in ('pending', 'delivered', 'failed')`),
  ],
);
