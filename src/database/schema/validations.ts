import { pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { shard, time } from "./columns.ts";

/** The registration that answered an airtime validation: each answers one, and a repeat gets the same answer. */
export const validationClaims = pgTable(
  "validation_claims",
  {
    shard: shard(),
    connectionId: uuid("connection_id").notNull(),
    /** The provider's id of the validation. */
    question: text("question").notNull(),
    transactionId: uuid("transaction_id").notNull(),
    claimedAt: time("claimed_at").notNull().defaultNow(),
  },
  t => [
    primaryKey({ columns: [t.shard, t.connectionId, t.question] }),
    unique("validation_claims_once").on(t.shard, t.transactionId),
  ],
);
