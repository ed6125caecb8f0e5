import { mkdirSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import type { Vault } from "../../database/vault/vault.ts";
import type { RecordBatch } from "./callback-record.ts";
import { createSpoolAppender } from "./spool-appender.ts";
import { createFileDrain } from "./spool-drain.ts";
import { bytesIn, damaged, filesIn, suffix } from "./spool-folder.ts";
import { toLine } from "./spool-line.ts";

/**
 * Files of callbacks that arrive while the database is unavailable: sealed lines, synced before the senders are
 * answered. Each process writes its own files. A drain claims every file in the folder, also those of other processes,
 * living or dead: it renames the file and then reads it to its end. A writer that finds its file renamed after a sync
 * writes the line again into a new file.
 */
export type Spool = {
  /** Appends and syncs a batch. Rejects where the disk cannot be written, or the spool has 4 GiB. */
  append(batch: RecordBatch): Promise<void>;
  /**
   * Passes each batch to `write`, oldest first, and removes the batches that are written. Resolves to the number of
   * callbacks. Rejects with the first failure of `write` or of a file; the next drain continues with the batch that
   * failed.
   */
  drain(write: (batch: RecordBatch) => Promise<void>): Promise<number>;
  /** Appends a batch that the database rejects to a separate file for an operator. No drain reads that file. */
  setAside(batch: RecordBatch): Promise<void>;
  /** Bytes that are not in the database yet. */
  bytes(): number;
  close(): Promise<void>;
};

const spoolBytesMax = 4 * 1024 * 1024 * 1024;

/** Opens the spool in the folder `spool` of the data folder, and makes the folder where it is missing. */
export function openSpool(dataDir: string, vault: Vault): Spool {
  const folder = join(dataDir, "spool");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const appender = createSpoolAppender(folder);
  const drainFile = createFileDrain(folder, vault);
  let waitingBytes = bytesIn(folder);

  return {
    async append(batch) {
      if (waitingBytes > spoolBytesMax) throw new Error("the spool is full");
      const line = toLine(batch, vault);
      await appender.append(line);
      waitingBytes += line.length;
    },
    async drain(write) {
      await appender.retire();
      let rows = 0;
      try {
        for (const { name } of filesIn(folder)) {
          if (name !== appender.fileName()) rows += await drainFile(name, write);
        }
      } finally {
        waitingBytes = bytesIn(folder);
      }
      return rows;
    },
    setAside: batch =>
      appendFile(join(folder, `refused${suffix}${damaged}`), toLine(batch, vault), { mode: 0o600, flush: true }),
    bytes: () => waitingBytes,
    close: () => appender.retire(),
  };
}
