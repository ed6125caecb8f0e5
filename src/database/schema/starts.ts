import { sql } from "drizzle-orm";
import { index, pgTable, primaryKey, smallint, text, unique, uuid } from "drizzle-orm/pg-core";
import { bytea, createdAt, id, shard, time } from "./columns.ts";

/**
 * Starts: one for each `Idempotency-Key` of a merchant, for good, so that no order is sent twice. What became of one is
 * in its transaction too.
 */
export const starts = pgTable(
  "starts",
  {
    shard: shard(),
    id: id(),
    merchantId: uuid("merchant_id").notNull(),
    /** The `Idempotency-Key`. */
    key: text("key").notNull(),
    /** SHA-256 of path and body: the same key with another body is refused. */
    fingerprint: bytea("fingerprint").notNull(),
    /** A UUIDv4: the transaction's id at providers that let the caller choose one. */
    orderId: uuid("order_id").notNull(),
    /**
     * `claimed`: nothing is registered yet. `waiting`: for a second person. `calling`: registered; from here on the
     * order may have been sent. Then what became of it.
     */
    state: text("state").$type<"claimed" | "waiting" | "calling" | "accepted" | "refused" | "unknown">().notNull(),
    /** Null until it is registered. */
    transactionId: uuid("transaction_id"),
    attempts: smallint("attempts").notNull().default(0),
    providerMessage: text("provider_message"),
    /** Keyed hash of the recipient, where the provider's callback may have nothing else to be found by. */
    recipientHash: bytea("recipient_hash"),
    leaseId: uuid("lease_id"),
    /** End of the lease. */
    dueAt: time("due_at"),
    begunAt: time("begun_at"),
    endedAt: time("ended_at"),
    createdAt: createdAt(),
  },
  t => [
    primaryKey({ columns: [t.shard, t.id] }),
    unique("starts_by_key").on(t.shard, t.merchantId, t.key),
    index("starts_by_transaction").on(t.shard, t.transactionId),
    index("starts_by_recipient").on(t.shard, t.recipientHash).where(sql`recipient_hash is not null`),
  ],
);
