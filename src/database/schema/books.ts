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
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { bytea, createdAt, id, shard, time } from "./columns.ts";

/** A statement and the transactions differ, or its balances and its lines do. */
const statementHasGap = sql`state = 'imported'
  and (adds_up is false or counts ?| array['new', 'missing', 'differs'])`;

/** Imported statements. Amounts are minor units of `currency`. */
export const statements = pgTable(
  "statements",
  {
    shard: shard(),
    id: id(),
    merchantId: uuid("merchant_id").notNull(),
    connectionId: uuid("connection_id").notNull(),
    /** SHA-256 of the file: the same bytes are the same statement. */
    digest: bytea("digest").notNull(),
    bytes: integer("bytes").notNull(),
    /** Names of the file's columns by what they hold, as the upload said; null where the provider's format is known. */
    columns: jsonb("columns"),
    state: text("state").$type<"importing" | "imported" | "failed">().notNull(),
    problems: jsonb("problems").$type<string[]>().notNull().default([]),
    periodFrom: time("period_from"),
    periodTo: time("period_to"),
    openingBalance: bigint("opening_balance", { mode: "bigint" }),
    closingBalance: bigint("closing_balance", { mode: "bigint" }),
    paidIn: bigint("paid_in", { mode: "bigint" }),
    withdrawn: bigint("withdrawn", { mode: "bigint" }),
    currency: text("currency"),
    /** Null where no balance is known. */
    addsUp: boolean("adds_up"),
    /** Lines by verdict. */
    counts: jsonb("counts").$type<Record<string, number>>().notNull().default({}),
    /** Rows of the file that are settled: an import that was interrupted goes on after them. */
    settledRows: integer("settled_rows").notNull().default(0),
    /** Imports that were begun. */
    attempts: integer("attempts").notNull().default(0),
    dueAt: time("due_at").notNull(),
    leaseId: uuid("lease_id"),
    createdAt: createdAt(),
    finishedAt: time("finished_at"),
  },
  t => [
    primaryKey({ columns: [t.shard, t.id] }),
    unique("statements_file").on(t.shard, t.connectionId, t.digest),
    index("statements_due").on(t.shard, t.dueAt).where(sql`state = 'importing'`),
    index("statements_by_connection").on(t.shard, t.connectionId, t.periodTo),
    index("statements_with_gap").on(t.shard, t.connectionId).where(statementHasGap),
    check("statements_state", sql`${t.state} in ('importing', 'imported', 'failed')`),
  ],
);

/** An uploaded file in sealed parts, removed once it is imported: it names payers. */
export const statementParts = pgTable(
  "statement_parts",
  {
    shard: shard(),
    statementId: uuid("statement_id").notNull(),
    part: integer("part").notNull(),
    sealed: text("sealed").notNull(),
    createdAt: createdAt(),
  },
  t => [primaryKey({ columns: [t.shard, t.statementId, t.part] })],
);

/** The lines of statements, and what is missing on them. Nothing of the payer is kept here. */
export const statementLines = pgTable(
  "statement_lines",
  {
    shard: shard(),
    statementId: uuid("statement_id").notNull(),
    /** The file's row, from 1; what is missing follows the last. */
    seq: integer("seq").notNull(),
    /** The line of the file; null for what is missing on it. */
    line: integer("line"),
    verdict: text("verdict").notNull(),
    receipt: text("receipt"),
    completedAt: time("completed_at"),
    /** Minor units; negative where money went out. */
    amount: bigint("amount", { mode: "bigint" }),
    currency: text("currency"),
    balance: bigint("balance", { mode: "bigint" }),
    /** The transaction that is shown: a reversal's line shows the payment that it gave back. */
    transactionId: uuid("transaction_id"),
    /** The transaction of the line's own receipt. */
    ownTransactionId: uuid("own_transaction_id"),
    /** On a reversal: the receipt that it gives back. */
    reverses: text("reverses"),
    problem: text("problem"),
    /** Digest of receipt, details and sign: what tells a line from others of its receipt. */
    key: uuid("key"),
  },
  t => [
    primaryKey({ columns: [t.shard, t.statementId, t.seq] }),
    index("statement_lines_by_verdict").on(t.shard, t.statementId, t.verdict, t.seq),
    index("statement_lines_by_receipt").on(t.shard, t.statementId, t.receipt),
    index("statement_lines_by_transaction").on(t.shard, t.statementId, t.ownTransactionId),
  ],
);

/** What a provider charged for a transaction, from statements. A charge that several statements list is there once. */
export const transactionFees = pgTable(
  "transaction_fees",
  {
    shard: shard(),
    transactionId: uuid("transaction_id").notNull(),
    key: uuid("key").notNull(),
    amount: bigint("amount", { mode: "bigint" }).notNull(),
    currency: text("currency").notNull(),
  },
  t => [primaryKey({ columns: [t.shard, t.transactionId, t.key] })],
);

/** Balances of a connection's account, as its provider told them. */
export const balances = pgTable(
  "balances",
  {
    shard: shard(),
    connectionId: uuid("connection_id").notNull(),
    /** The callback that told it: read twice, it is there once. */
    id: id(),
    at: time("at").notNull(),
    amount: bigint("amount", { mode: "bigint" }).notNull(),
    currency: text("currency").notNull(),
    /** What the payment that told it added; null where it is the balance alone. */
    change: bigint("change", { mode: "bigint" }),
    learntAt: time("learnt_at").notNull(),
    /** Whether it was compared with the one before. */
    checked: boolean("checked").notNull().default(false),
  },
  t => [
    primaryKey({ columns: [t.shard, t.connectionId, t.id] }),
    index("balances_by_time").on(t.shard, t.connectionId, t.at),
    index("balances_unchecked").on(t.shard, t.learntAt).where(sql`not checked`),
  ],
);

/** A balance that does not follow from the one before: money moved that no callback told of. */
export const balanceGaps = pgTable(
  "balance_gaps",
  {
    shard: shard(),
    connectionId: uuid("connection_id").notNull(),
    /** The balance that does not follow. */
    balanceId: uuid("balance_id").notNull(),
    at: time("at").notNull(),
    previousAt: time("previous_at").notNull(),
    /** Before the payment, by the balance before; and what it was. */
    expected: bigint("expected", { mode: "bigint" }).notNull(),
    found: bigint("found", { mode: "bigint" }).notNull(),
    currency: text("currency").notNull(),
    openedAt: time("opened_at").notNull(),
    closedAt: time("closed_at"),
  },
  t => [
    primaryKey({ columns: [t.shard, t.connectionId, t.balanceId] }),
    index("balance_gaps_open").on(t.shard, t.connectionId, t.at).where(sql`closed_at is null`),
  ],
);

/** Questions about a receipt that was not known here. */
export const lookups = pgTable(
  "lookups",
  {
    shard: shard(),
    id: id(),
    merchantId: uuid("merchant_id").notNull(),
    connectionId: uuid("connection_id").notNull(),
    receipt: text("receipt").notNull(),
    state: text("state").$type<"asking" | "found" | "not_found" | "unavailable">().notNull(),
    /** Why it was not found, or could not be asked. */
    reason: text("reason"),
    /** Identity texts of the conversation under which the answer comes. */
    conversation: text("conversation").array().notNull().default([]),
    createdAt: createdAt(),
    answeredAt: time("answered_at"),
  },
  t => [
    primaryKey({ columns: [t.shard, t.id] }),
    index("lookups_asking").on(t.shard, t.connectionId, t.receipt).where(sql`state = 'asking'`),
  ],
);
