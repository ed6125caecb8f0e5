import { sql } from "drizzle-orm";
import { bigint, boolean, index, integer, jsonb, pgTable, primaryKey, smallint, text, uuid } from "drizzle-orm/pg-core";
import { id, shard, time } from "./columns.ts";

/**
 * The poll schedule: a row for each unfinished transaction, to be polled or to be ended. A row waits for `due_at`, is
 * made ready, is claimed (`due_at` is then the end of the lease) and waits again. Ready rows are claimed newest first:
 * ids are in the order of time.
 */
export const pollQueue = pgTable(
  "poll_queue",
  {
    shard: shard(),
    transactionId: uuid("transaction_id").notNull(),
    connectionId: uuid("connection_id").notNull(),
    dueAt: time("due_at").notNull(),
    ready: boolean("ready").notNull(),
    /** A poll was requested: the worker polls at once, without waiting for a pass. */
    urgent: boolean("urgent").notNull(),
    /** How long later requests may put an urgent poll off. Means nothing once it is urgent no longer. */
    urgentUntil: time("urgent_until"),
    /** A finished transaction to be polled once more, after everything else: see docs/operating.md, drift audit. */
    audit: boolean("audit").notNull().default(false),
    /** When the schedule ends the transaction, after a last poll: `expires_at`, or the time to give up. */
    endsAt: time("ends_at").notNull(),
    leaseId: uuid("lease_id"),
    askedAt: time("asked_at"),
    /** Polls that were answered. */
    tries: smallint("tries").notNull().default(0),
    /** Polls without an answer, in a row. */
    failures: smallint("failures").notNull().default(0),
  },
  t => [
    primaryKey({ columns: [t.shard, t.transactionId] }),
    index("poll_queue_waiting").on(t.shard, t.dueAt).where(sql`not ready and not audit`),
    index("poll_queue_ready").on(t.shard, t.connectionId, t.transactionId).where(sql`ready`),
    index("poll_queue_urgent").on(t.shard, t.connectionId, t.transactionId).where(sql`urgent`),
    index("poll_queue_audit").on(t.shard, t.connectionId, t.transactionId).where(sql`audit`),
    index("poll_queue_leased").on(t.shard, t.connectionId).where(sql`lease_id is not null`),
    index("poll_queue_ends").on(t.shard, t.endsAt),
  ],
);

/** Every poll of a transaction, whatever came of it. */
export const polls = pgTable(
  "polls",
  {
    shard: shard(),
    transactionId: uuid("transaction_id").notNull(),
    id: id(),
    at: time("at").notNull(),
    /**
     * `answered`, `not-yet`, `not-found`, `deferred`, `stop`, `throttled`, `refused`, `credentials-refused` or
     * `unavailable`.
     */
    outcome: text("outcome").notNull(),
    /** Codes and field names, never values; null where the outcome says it all. */
    reason: text("reason"),
    latencyMs: integer("latency_ms"),
  },
  t => [primaryKey({ columns: [t.shard, t.transactionId, t.id] })],
);

/** The call limits of a connection. Each claim of calls locks the row, so the limits hold for all processes. */
export const connectionPace = pgTable(
  "connection_pace",
  {
    shard: shard(),
    connectionId: uuid("connection_id").notNull(),
    /** Calls by the second (Unix) in which they were allowed, of the last minute. */
    calls: jsonb("calls").notNull().default({}),
    pausedUntil: time("paused_until"),
    /** `throttled`, `errors` or `credentials`. */
    pauseReason: text("pause_reason"),
    pauseDetail: text("pause_detail"),
    pausedAt: time("paused_at"),
    /** Errors in a row; from five on the breaker is open, and one call at a time tries whether it can be closed. */
    errors: integer("errors").notNull().default(0),
    /** Pauses for the same cause in a row: each is longer. */
    pauses: integer("pauses").notNull().default(0),
    probeUntil: time("probe_until"),
    /** Kinds for which polling is disabled: `{kind: {reason, at}}`. */
    stopped: jsonb("stopped").notNull().default({}),
  },
  t => [primaryKey({ columns: [t.shard, t.connectionId] })],
);

const accessTokenColumns = () => ({
  shard: shard(),
  connectionId: uuid("connection_id").notNull(),
  token: text("token"),
  /** Digest of the credentials and the base URL with which it was fetched. */
  origin: text("origin"),
  refreshAt: time("refresh_at"),
  expiresAt: time("expires_at"),
  leaseId: uuid("lease_id"),
  leasedUntil: time("leased_until"),
});

/**
 * Access tokens of providers with one token a connection (Provider.token), sealed: shared by all processes, fetched by
 * the process that holds the lease.
 */
export const accessTokens = pgTable("access_tokens", accessTokenColumns(), t => [
  primaryKey({ columns: [t.shard, t.connectionId] }),
]);

/** The same for providers with several tokens a connection (Provider.tokens). */
export const namedAccessTokens = pgTable(
  "named_access_tokens",
  { name: text("name").notNull(), ...accessTokenColumns() },
  t => [primaryKey({ columns: [t.shard, t.connectionId, t.name] })],
);

/** How far a connection's statements were pulled. */
export const pullCursors = pgTable(
  "pull_cursors",
  {
    shard: shard(),
    connectionId: uuid("connection_id").notNull(),
    /** Everything before this time was listed once; null until the first pull has finished. */
    pulledTo: time("pulled_to"),
    dueAt: time("due_at").notNull(),
    leaseId: uuid("lease_id"),
    /** The window of a pull that has not reached its last page; null where none is under way. */
    windowFrom: time("window_from"),
    windowTo: time("window_to"),
    /** Where that pull goes on (PullPage.nextOffset), and what it has come to so far. */
    nextOffset: bigint("next_offset", { mode: "number" }).notNull().default(0),
    rows: integer("rows").notNull().default(0),
    pagesWithoutNew: integer("pages_without_new").notNull().default(0),
    /** Digest of the last page's rows: a pull that goes on in another pass recognizes the same page by it. */
    lastPage: text("last_page"),
    /** Why the last pull did not end well, in words; null after one that did. */
    trouble: text("trouble"),
  },
  t => [primaryKey({ columns: [t.shard, t.connectionId] })],
);

/** How far a connection's finished transactions were audited by night (`settings.reconcile.audit`). */
export const auditCursors = pgTable(
  "audit_cursors",
  {
    shard: shard(),
    connectionId: uuid("connection_id").notNull(),
    /** Transactions that finished before this time were audited, or are queued for it. */
    auditedTo: time("audited_to").notNull(),
  },
  t => [primaryKey({ columns: [t.shard, t.connectionId] })],
);
