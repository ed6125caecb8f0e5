import { bigint, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { shard } from "./columns.ts";

/**
 * Completed reversals, by the receipt of the reversed payment (`receipt:TJI…`): the payment may become known later.
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
    /** Minor units that the reversal gave back; null where it does not say: the whole payment. */
    amount: bigint("amount", { mode: "bigint" }),
    currency: text("currency"),
  },
  t => [primaryKey({ columns: [t.shard, t.connectionId, t.receipt, t.transactionId] })],
);
