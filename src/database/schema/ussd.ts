import { sql } from "drizzle-orm";
import { check, index, integer, jsonb, pgTable, primaryKey, smallint, text, unique, uuid } from "drizzle-orm/pg-core";
import { bytea, id, shard, time } from "./columns.ts";

/** One dialogue of a subscriber, by the gateway's own id. It ends once, and the row records how. */
export const ussdSessions = pgTable(
  "ussd_sessions",
  {
    shard: shard(),
    id: id(),
    merchantId: uuid("merchant_id").notNull(),
    connectionId: uuid("connection_id").notNull(),
    provider: text("provider").notNull(),
    /** The gateway's. */
    sessionId: text("session_id").notNull(),
    /** Sealed number of the subscriber. */
    sealed: bytea("sealed"),
    /** Keyed hash of the number. */
    phoneHash: bytea("phone_hash"),
    /** The number in rows from before personal data was sealed. */
    phone: text("phone"),
    serviceCode: text("service_code"),
    networkCode: text("network_code"),
    state: text("state").notNull().default("open"),
    /** `answer`: an `END` was sent; `gateway`: the gateway said so; `silence`: nothing came for 180 s. */
    endedBy: text("ended_by"),
    /** The gateway's report of the end: status, cost, duration. */
    gateway: jsonb("gateway"),
    startedAt: time("started_at").notNull(),
    /** When the last screen was asked for: the 180 s of silence begin here. */
    lastHopAt: time("last_hop_at").notNull(),
    endedAt: time("ended_at"),
  },
  t => [
    primaryKey({ columns: [t.shard, t.id] }),
    unique("ussd_sessions_once").on(t.shard, t.connectionId, t.sessionId),
    index("ussd_sessions_by_merchant").on(t.shard, t.merchantId, t.id),
    index("ussd_sessions_open").on(t.shard, t.lastHopAt).where(sql`state = 'open'`),
    check("ussd_sessions_state", sql`${t.state} in ('open', 'ended')`),
  ],
);

/**
 * One screen of a session. Its key identifies a repeat in every process: gateways do not number their requests, and the
 * typed text only grows. A row without an answer has been in work since `claimed_at`.
 */
export const ussdHops = pgTable(
  "ussd_hops",
  {
    shard: shard(),
    session: uuid("session").notNull(),
    /** Keyed digest of everything typed so far: texts may be longer than an index takes, and a PIN. */
    typed: uuid("typed").notNull(),
    /** From 1. */
    hop: smallint("hop").notNull(),
    /** Sealed `{input, answer}`: what was typed last, and `CON …` or `END …` as sent, or null. */
    sealed: bytea("sealed"),
    /** In rows from before personal data was sealed, here and in `answer`. */
    input: text("input"),
    claimedAt: time("claimed_at").notNull(),
    answer: text("answer"),
    /** Null until the hop is answered. */
    answeredBy: text("answered_by"),
    latencyMs: integer("latency_ms"),
    /** A problem or a warning about the answer, in words. */
    warning: text("warning"),
  },
  t => [
    primaryKey({ columns: [t.shard, t.session, t.typed] }),
    check("ussd_hops_answered_by", sql`${t.answeredBy} in ('menu', 'merchant', 'fallback')`),
  ],
);
