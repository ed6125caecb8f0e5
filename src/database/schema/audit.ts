import { bigint, index, jsonb, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { bytea, createdAt, id, shard } from "./columns.ts";

/**
 * Changes and their authors. `merchant_id` is null for changes to the whole installation (shard 0). Entries of a shard
 * are chained by `hash` (docs/adr/0020-audit-chain.md). The program's own role may insert and read, nothing else.
 */
export const audit = pgTable(
  "audit",
  {
    shard: shard(),
    id: id(),
    merchantId: uuid("merchant_id"),
    /** `admin`, `hakika`, or the public id of an operator or a key. */
    actor: text("actor").notNull(),
    /** `admin`, `operator`, `key`, `hakika` or `unknown`; null in entries from before the chain. */
    actorKind: text("actor_kind"),
    actorName: text("actor_name"),
    /** The address a call came from; null where there was no call. */
    actorAddress: text("actor_address"),
    action: text("action").notNull(),
    subject: text("subject").notNull(),
    /** Of entries from before the chain; null in newer ones. */
    detail: jsonb("detail"),
    before: jsonb("before"),
    after: jsonb("after"),
    createdAt: createdAt(),
    /** Place in the shard's chain, from 1; null before the chain. */
    sequence: bigint("sequence", { mode: "number" }),
    /** The entry before, so that a removed one can be named. */
    previousId: uuid("previous_id"),
    hash: bytea("hash"),
  },
  t => [
    primaryKey({ columns: [t.shard, t.id] }),
    index("audit_by_merchant").on(t.shard, t.merchantId, t.id),
    unique("audit_chain").on(t.shard, t.sequence),
  ],
);

/** The end of each shard's chain, under a keyed hash, so that the newest entries cannot be cut off unnoticed. */
export const auditHeads = pgTable(
  "audit_heads",
  {
    shard: shard(),
    /** Of the newest entry; 0 before the first. */
    sequence: bigint("sequence", { mode: "number" }).notNull(),
    lastId: uuid("last_id"),
    hash: bytea("hash").notNull(),
    /** Keyed hash over the other columns. */
    mac: bytea("mac").notNull(),
  },
  t => [primaryKey({ columns: [t.shard] })],
);
