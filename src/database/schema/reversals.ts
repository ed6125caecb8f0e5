import { pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { shard } from "./columns.ts";

/**
 * Reversals that have completed, by the receipt of the payment they gave back (`receipt:TJI…`): the payment may become known later.
 */
export const reversals = pgTable(
  "reversals",
  {
    shard: shard(),
    connectionId: uuid("connection_id").notNull(),
    receipt: text("receipt").notNull(),
    transactionId: uuid("transaction_id").notNull(),
    /** Of the evidence that completed the reversal. */
    source: text("source").notNull(),
    strength: text("strength").notNull(),
  },
  t => [primaryKey({ columns: [t.shard, t.connectionId, t.receipt, t.transactionId] })],
);
