import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import type { Evidence, Source } from "../../domain/evidence.ts";
import type { Environment, Kind, ProviderRefs, Status } from "../../domain/kinds.ts";
import type { Review, StartJson, Transaction } from "../../domain/transaction.ts";
import { bytea, createdAt, id, shard, textByBytes, time } from "./columns.ts";

/** Transactions. `status` and all that follows from evidence is a cache of `decide(evidence)`. */
export const transactions = pgTable(
  "transactions",
  {
    shard: shard(),
    id: id(),
    merchantId: uuid("merchant_id").notNull(),
    connectionId: uuid("connection_id").notNull(),
    provider: text("provider").notNull(),
    /** The connection's: sandbox money is not real. */
    environment: text("environment").$type<Environment>().notNull(),
    kind: text("kind").$type<Kind>().notNull(),
    status: text("status").$type<Status>().notNull(),
    statusSource: text("status_source").$type<Source>().notNull(),
    registered: boolean("registered").notNull(),
    version: integer("version").notNull(),
    /** Events numbered so far. */
    sequence: integer("sequence").notNull(),
    /** The merchant's own reference, as registered, else as the provider echoed it. */
    reference: text("reference"),
    providerRefs: jsonb("provider_refs").$type<ProviderRefs>().notNull(),
    /** Minor units; as registered, else from the evidence. */
    amount: bigint("amount", { mode: "bigint" }),
    /** Minor units that were given back, in the transaction's currency. */
    refundedAmount: bigint("refunded_amount", { mode: "bigint" }).notNull().default(sql`0`),
    currency: text("currency"),
    /** Sealed PersonalPart (settle/personal-part.ts); null where there is nothing personal, or it was erased. */
    sealed: bytea("sealed"),
    /** Whether the sealed part has the number: rows with the hash alone get it once it is registered. */
    hasPhone: boolean("has_phone").notNull().default(false),
    /** When the personal part was erased. Nothing brings it back. */
    erasedAt: time("erased_at"),
    /** Before personal data was sealed: rows that are not sealed yet have plain values here and below. */
    phone: text("phone"),
    /** The same. */
    phoneMasked: text("phone_masked"),
    /**
     * Keyed hash of the SHA-256 of the phone's digits: equality searches that need no plain numbers in an index. Known
     * without the phone where the provider sends its SHA-256.
     */
    phoneHash: bytea("phone_hash"),
    /** Keyed hashes of the name's beginnings of 3 to 10 characters; null where there is no name. */
    nameHashes: integer("name_hashes").array(),
    /** Before personal data was sealed. */
    partyName: text("party_name"),
    result: jsonb("result").$type<NonNullable<Transaction["result"]>>(),
    /** `{reason, since, detail, expected, told, related, duplicate_of?}` or null. */
    review: jsonb("review").$type<Review>(),
    details: jsonb("details").$type<Transaction["details"]>().notNull(),
    metadata: jsonb("metadata").$type<Transaction["metadata"]>().notNull(),
    /**
     * The registration, as sent: amounts are compared with it, never with values that evidence added. Its phone and
     * metadata are in `sealed`; `phone` is true where there is one.
     */
    registration: jsonb("registration"),
    /** How Hakika started it; null where it did not. */
    start: jsonb("start").$type<StartJson>(),
    occurredAt: time("occurred_at"),
    expiresAt: time("expires_at"),
    createdAt: createdAt(),
    updatedAt: time("updated_at").notNull().defaultNow(),
    /** The transaction that this one was merged into; this id answers with it. */
    mergedInto: uuid("merged_into"),
    /**
     * The statuses that few transactions end with, for lists. Status itself is in no index, or every settling would
     * miss its HOT update; this column stays null while a transaction completes.
     */
    rareStatus: text("rare_status").generatedAlwaysAs(
      sql`case when status in ('failed', 'expired', 'refunded', 'unresolved') then status end`,
    ),
    /** `occurred_at` where it is more than a day from `created_at`; within a day, ids bound a search by time. */
    occurredFarAt: time("occurred_far_at").generatedAlwaysAs(
      sql`case when occurred_at - created_at not between interval '-1 day' and interval '1 day' then occurred_at end`,
    ),
  },
  t => [
    primaryKey({ columns: [t.shard, t.id] }),
    index("transactions_by_merchant").on(t.shard, t.merchantId, t.id),
    // For lists by connection, provider, environment and kind: see api/transactions/filter-store.ts.
    index("transactions_by_kind").on(t.shard, t.connectionId, t.kind, t.id),
    index("transactions_by_rare_status").on(t.shard, t.rareStatus, t.id).where(sql`rare_status is not null`),
    index("transactions_by_amount").on(t.shard, t.currency, t.amount, t.id),
    index("transactions_occurred_far").on(t.shard, t.occurredFarAt).where(sql`occurred_far_at is not null`),
    index("transactions_review_by_connection")
      .on(t.shard, t.connectionId, t.id)
      .where(sql`review is not null and merged_into is null`),
    index("transactions_by_reference")
      .on(t.shard, t.connectionId, sql`lower(btrim(reference))`, t.id)
      .where(sql`reference is not null`),
    // Validations look for unfinished ones. Status is not in the predicate, or every settling would miss its HOT
    // update.
    index("transactions_airtime_by_phone")
      .on(t.shard, t.connectionId, t.phoneHash, t.id)
      .where(sql`kind = 'airtime' and phone_hash is not null`),
    // A registered phone and a hash that came before it, or after it, find each other.
    index("transactions_by_phone").on(t.shard, t.merchantId, t.phoneHash, t.id).where(sql`phone_hash is not null`),
    // The books: totals of a period, and what was completed in the period of a statement. Were it not partial, or did
    // it begin with the connection, statements by key would take it while the table has no statistics.
    index("transactions_by_time")
      .on(t.shard, sql`coalesce(occurred_at, created_at)`, t.connectionId)
      .where(sql`merged_into is null`),
    index("transactions_by_name").using("gin", t.nameHashes),
    // Erasure by age. Neither column changes while a transaction settles, so its updates stay HOT.
    index("transactions_not_erased").on(t.shard, t.createdAt).where(sql`erased_at is null`),
    index("transactions_in_review").on(t.shard, t.id).where(sql`review is not null and merged_into is null`),
    check(
      "transactions_status",
      sql`${t.status} in ('pending', 'processing', 'completed', 'failed', 'expired', 'refunded', 'unresolved')`,
    ),
    check("transactions_environment", sql`${t.environment} in ('sandbox', 'production')`),
    check("transactions_money", sql`(${t.amount} is null) or (${t.currency} is not null)`),
  ],
);

/** The provider's ids of a transaction in small letters, for searching by any of them (`provider_ref`). */
export const transactionRefs = pgTable(
  "transaction_refs",
  { shard: shard(), value: textByBytes("value").notNull(), transactionId: uuid("transaction_id").notNull() },
  t => [primaryKey({ columns: [t.shard, t.value, t.transactionId] })],
);

/**
 * The transaction that an identity text belongs to: by this row the database guarantees one transaction for one
 * payment. Inserting it is also the lock between a registration and a callback that race.
 */
export const transactionKeys = pgTable(
  "transaction_keys",
  {
    shard: shard(),
    connectionId: uuid("connection_id").notNull(),
    key: text("key").notNull(),
    transactionId: uuid("transaction_id").notNull(),
  },
  t => [
    primaryKey({ columns: [t.shard, t.connectionId, t.key] }),
    index("transaction_keys_by_transaction").on(t.shard, t.transactionId),
  ],
);

/** One thing learnt about one transaction. Append-only. */
export const evidence = pgTable(
  "evidence",
  {
    shard: shard(),
    transactionId: uuid("transaction_id").notNull(),
    /** Digest of origin, reading and content: evidence written twice is there once. */
    id: id(),
    source: text("source").$type<Source>().notNull(),
    strength: text("strength").$type<Evidence["strength"]>().notNull(),
    says: text("says").notNull(),
    callbackId: uuid("callback_id"),
    reading: smallint("reading").notNull(),
    /** Sealed JSON of the finding, `amount` as `{minor: text, currency}`. */
    sealed: bytea("sealed"),
    /** The same in plain JSON, in rows from before personal data was sealed. */
    finding: jsonb("finding").$type<Record<string, unknown>>(),
    learntAt: time("learnt_at").notNull(),
  },
  t => [
    primaryKey({ columns: [t.shard, t.transactionId, t.id] }),
    check("evidence_strength", sql`${t.strength} in ('hint', 'signed', 'poll', 'statement', 'operator')`),
  ],
);

/** What was registered, by whom, and what it replaced: a row for each registration that changed something. */
export const registrations = pgTable(
  "registrations",
  {
    shard: shard(),
    transactionId: uuid("transaction_id").notNull(),
    id: id(),
    at: time("at").notNull(),
    /** `{kind, id, name}` of the caller. */
    by: jsonb("by").notNull(),
    /**
     * Sealed `{values, amendedFrom}`: what was registered, `{kind, provider_refs, reference, amount, currency, phone,
     * expires_at}`, and the values that an amendment replaced, or null.
     */
    sealed: bytea("sealed"),
    /** Both in plain JSON, in rows from before personal data was sealed. */
    values: jsonb("values"),
    amendedFrom: jsonb("amended_from"),
  },
  t => [primaryKey({ columns: [t.shard, t.transactionId, t.id] })],
);

/** Events. The body is sent exactly as it is here on every attempt. */
export const events = pgTable(
  "events",
  {
    shard: shard(),
    id: id(),
    merchantId: uuid("merchant_id").notNull(),
    type: text("type").notNull(),
    transactionId: uuid("transaction_id"),
    sequence: integer("sequence"),
    /** Of its connection; null for events about none (`endpoint.test`), which every endpoint takes. */
    environment: text("environment").$type<Environment>(),
    /** Sealed body. */
    sealed: bytea("sealed"),
    /** The body in rows from before personal data was sealed. */
    body: text("body"),
    /**
     * When the row was written, not when its database transaction began: a transaction's events are in the order of
     * `sequence` by it, and none comes before one that could be read (api/events/feed-store.ts).
     */
    createdAt: time("created_at").notNull().default(sql`clock_timestamp()`),
  },
  t => [
    primaryKey({ columns: [t.shard, t.id] }),
    index("events_by_merchant").on(t.shard, t.merchantId, t.id),
    index("events_by_time").on(t.shard, t.merchantId, t.createdAt),
    index("events_without_transaction").on(t.shard, t.id).where(sql`transaction_id is null`),
    uniqueIndex("events_sequence").on(t.shard, t.transactionId, t.sequence).where(sql`transaction_id is not null`),
  ],
);
