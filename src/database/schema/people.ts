import { bigint, index, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { bytea, createdAt, id, shard, time } from "./columns.ts";

/** People who run the installation, each with a key and a role. All of them are in shard 0. */
export const operators = pgTable(
  "operators",
  {
    shard: shard(),
    id: id(),
    name: text("name").notNull(),
    role: text("role").$type<"viewer" | "support" | "admin">().notNull(),
    keyHash: bytea("key_hash").notNull(),
    /** `admin`, or the public id of the operator who made it. */
    createdBy: text("created_by").notNull(),
    lastUsedAt: time("last_used_at"),
    createdAt: createdAt(),
    deletedAt: time("deleted_at"),
  },
  t => [primaryKey({ columns: [t.shard, t.id] }), unique("operators_hash").on(t.shard, t.keyHash)],
);

/** Sessions of the console, by the SHA-256 of the id that the cookie carries. They live in the shard of their key. */
export const consoleSessions = pgTable(
  "console_sessions",
  {
    shard: shard(),
    idHash: bytea("id_hash").notNull(),
    /** The key that signed in: while it is not valid, neither is the session. */
    keyHash: bytea("key_hash").notNull(),
    createdAt: createdAt(),
    lastSeenAt: time("last_seen_at").notNull().defaultNow(),
  },
  t => [primaryKey({ columns: [t.shard, t.idHash] }), index("console_sessions_by_age").on(t.shard, t.createdAt)],
);

/** Calls that wait for a second person, and their outcomes. */
export const approvals = pgTable(
  "approvals",
  {
    shard: shard(),
    id: id(),
    merchantId: uuid("merchant_id").notNull(),
    /** What is to happen: `transaction.resolve`, `connection.change`. */
    action: text("action").notNull(),
    /** Public id of the thing that it happens to. */
    subject: text("subject").notNull(),
    /** Who asked: `admin`, or the public id of an operator or a key. */
    askedBy: text("asked_by").notNull(),
    askedByName: text("asked_by_name").notNull(),
    /** The `Idempotency-Key` of the asking call. */
    askedWith: text("asked_with"),
    /** SHA-256 of action, subject and request: the same call again is the same approval. */
    fingerprint: bytea("fingerprint").notNull(),
    /** Sealed JSON of the checked body: it may hold credentials. */
    request: text("request").notNull(),
    /** What the second person has to know, without secrets. */
    summary: text("summary").notNull(),
    amount: bigint("amount", { mode: "bigint" }),
    currency: text("currency"),
    /** `pending` past its end has lapsed. */
    state: text("state").$type<"pending" | "approved" | "rejected">().notNull(),
    decidedBy: text("decided_by"),
    decidedByName: text("decided_by_name"),
    decidedAt: time("decided_at"),
    /** When it was carried out; null where that has not succeeded yet. */
    doneAt: time("done_at"),
    createdAt: createdAt(),
    expiresAt: time("expires_at").notNull(),
  },
  t => [
    primaryKey({ columns: [t.shard, t.id] }),
    index("approvals_by_merchant").on(t.shard, t.merchantId, t.id),
    index("approvals_by_fingerprint").on(t.shard, t.fingerprint),
  ],
);
