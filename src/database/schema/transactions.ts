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
    phone: text("phone"),
    /** A masked number as the provider showed it. */
    phoneMasked: text("phone_masked"),
    /**
     * Keyed hash of the SHA-256 of the phone's digits: equality searches that need no plain numbers in an index. Known
     * without the phone where the provider sends its SHA-256.
     */
    phoneHash: bytea("phone_hash"),
    partyName: text("party_name"),
    result: jsonb("result").$type<NonNullable<Transaction["result"]>>(),
    /** `{reason, since, detail, expected, told, related, duplicate_of?}` or null. */
    review: jsonb("review").$type<Review>(),
    details: jsonb("details").$type<Transaction["details"]>().notNull(),
    metadata: jsonb("metadata").$type<Transaction["metadata"]>().notNull(),
    /** The registration, exactly as sent: amounts are compared with it, never with values that evidence added. */
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
    /** The finding as JSON, `amount` as `{minor: text, currency}`. */
    finding: jsonb("finding").$type<Record<string, unknown>>().notNull(),
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
    /** As registered: `{kind, provider_refs, reference, amount, currency, phone, expires_at}`. */
    values: jsonb("values").notNull(),
    /** The values that an amendment replaced; null where nothing was replaced. */
    amendedFrom: jsonb("amended_from"),
  },
  t => [primaryKey({ columns: [t.shard, t.transactionId, t.id] })],
);

/** Events. `body` is sent exactly as it is here on every attempt. */
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
    body: text("body").notNull(),
    createdAt: createdAt(),
  },
  t => [
    primaryKey({ columns: [t.shard, t.id] }),
    index("events_by_merchant").on(t.shard, t.merchantId, t.id),
    uniqueIndex("events_sequence").on(t.shard, t.transactionId, t.sequence).where(sql`transaction_id is not null`),
  ],
);
