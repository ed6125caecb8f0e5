import type { Sql } from "../../database/connect.ts";
import { replaceConnections } from "../../database/reconnecting-client.ts";
import type { RecordBatch } from "./callback-record.ts";
import type { HandOverLease, Queued } from "./hand-over.ts";
import { keepBatch } from "./keep-batch.ts";

export type InboxDatabase = ReturnType<typeof inboxDatabase>;

/** The database as the inbox writer uses it. */
export function inboxDatabase(sql: Sql) {
  return {
    /** Commits a batch. */
    write(batch: RecordBatch, lease: HandOverLease | null = null): Promise<Queued> {
      return keepBatch(sql, batch, lease, new Date());
    },
    /** A cheap statement that finds out whether the database is available again. */
    async probe(): Promise<void> {
      await sql`select 1`;
    },
    /** After a statement that was not answered in time: the next one needs another connection. */
    replaceConnections(): void {
      replaceConnections(sql);
    },
  };
}
