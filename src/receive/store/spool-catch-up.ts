import type { Logger } from "pino";
import { halve } from "../../batch/halve.ts";
import { logOnChange } from "../../batch/log-on-change.ts";
import { isUnavailable, withTimeout } from "../../database/unavailable.ts";
import { type RecordBatch, shardsOf } from "./callback-record.ts";
import type { InboxDatabase } from "./inbox-database-store.ts";
import type { Spool } from "./spool.ts";

export type SpoolCatchUpDeps = {
  database: Pick<InboxDatabase, "write">;
  spool: Spool;
  log: Logger;
  /** Called after each batch with the shards that have callbacks to read. */
  onKept: (shards: ReadonlySet<number>) => void;
};

/**
 * Writes the spool to the database in order, and removes the lines that are written. Resolves to the number of
 * callbacks, or to `unreadable` where the spool's files cannot be read. Rejects where the database is unavailable.
 */
export type SpoolCatchUp = () => Promise<number | "unreadable">;

/** Time for a batch of the spool, in ms. No sender waits for it, so it has longer than a batch of new callbacks. */
const writeTimeoutMs = 15_000;

/**
 * A callback that the database rejects is set aside for an operator: its sender was answered, so it must not be lost.
 */
export function createSpoolCatchUp({ database, spool, log, onKept }: SpoolCatchUpDeps): SpoolCatchUp {
  const reading = logOnChange(
    error => log.error({ err: error }, "spool unreadable: its callbacks wait until it can be read"),
    () => log.info("spool readable again"),
  );
  let databaseError: unknown = null;

  async function writeRows(batch: RecordBatch): Promise<void> {
    try {
      await withTimeout(database.write(batch), writeTimeoutMs);
    } catch (error) {
      if (isUnavailable(error)) databaseError = error;
      throw error;
    }
  }

  async function writeBatch(batch: RecordBatch): Promise<void> {
    await halve(batch.rows, {
      write: rows => writeRows({ ...batch, rows }),
      async refuse(row, error) {
        log.error(
          { err: error, callback_id: row.record.id },
          "spooled callback set aside: the database rejected its row",
        );
        await spool.setAside({ ...batch, rows: [row] });
      },
      isUnavailable,
    });
    onKept(shardsOf(batch));
  }

  return async () => {
    try {
      const written = await spool.drain(writeBatch);
      reading.succeeded();
      return written;
    } catch (error) {
      if (error === databaseError) throw error;
      reading.failed(error);
      return "unreadable";
    }
  };
}
