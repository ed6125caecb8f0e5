import { pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { shard, time } from "./columns.ts";

/** Running processes: readiness looks for a worker's recent heartbeat. Not a merchant's data: no shard. */
export const heartbeats = pgTable(
  "heartbeats",
  {
    role: text("role").notNull(),
    processId: uuid("process_id").notNull(),
    beatAt: time("beat_at").notNull().defaultNow(),
  },
  t => [primaryKey({ columns: [t.role, t.processId] })],
);

/** Sealed keys of the installation itself, e.g. the phone hash key. */
export const installationKeys = pgTable("installation_keys", {
  name: text("name").primaryKey(),
  sealed: text("sealed").notNull(),
});

/** How far a task has gone through a shard: the sealing of rows from before, and erasure by age (src/privacy). */
export const personalDataCursors = pgTable(
  "personal_data_cursors",
  {
    shard: shard(),
    task: text("task").notNull(),
    /** All rows with ids below are done. */
    reached: uuid("reached").notNull(),
  },
  t => [primaryKey({ columns: [t.shard, t.task] })],
);
