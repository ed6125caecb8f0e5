import { pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { shard } from "./columns.ts";

/** Words of callbacks in quarantine that look like receipts, in capitals, so that a lost receipt is found. */
export const quarantinedWords = pgTable(
  "quarantined_words",
  { shard: shard(), word: text("word").notNull(), callbackId: uuid("callback_id").notNull() },
  t => [primaryKey({ columns: [t.shard, t.word, t.callbackId] })],
);
