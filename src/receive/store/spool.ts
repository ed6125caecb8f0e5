import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, statSync } from "node:fs";
import { appendFile, type FileHandle, open, rename, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { RecordBatch } from "./callback-record.ts";
import { fromLine, linesOf, toLine } from "./spool-line.ts";

/**
 * Files of callbacks that arrive while the database is unavailable: lines of JSON, synced before the senders are
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

const fileBytesMax = 64 * 1024 * 1024;
const spoolBytesMax = 4 * 1024 * 1024 * 1024;
const suffix = ".ndjson";
/** Files for an operator, which no drain reads: files with an invalid line, and callbacks that the database rejects. */
const damaged = ".damaged";

type Current = { handle: FileHandle; name: string; bytes: number };

export function openSpool(dataDir: string): Spool {
  const folder = join(dataDir, "spool");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let current: Current | null = null;
  let waiting = bytesIn(folder);
  let queue: Promise<unknown> = Promise.resolve();
  /** By the constant part of a file's name: how many of its lines were written before a failure stopped the drain. */
  const written = new Map<string, number>();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work);
    queue = result.catch(() => {});
    return result;
  }

  async function appendLine(line: Buffer): Promise<void> {
    if (current && current.bytes > fileBytesMax) await retire();
    do {
      current ??= await newFile(folder);
      await writeLine(current, line);
    } while (!(await hasItsName(current)));
    waiting += line.length;
  }

  async function writeLine(file: Current, line: Buffer): Promise<void> {
    try {
      await file.handle.appendFile(line);
      await file.handle.datasync();
      file.bytes += line.length;
    } catch (error) {
      // Removes the half-written line, so that the next line starts on its own.
      await file.handle.truncate(file.bytes).catch(retire);
      throw error;
    }
  }

  /** Whether no drain has claimed the file. After a claim the next line begins a new file. */
  async function hasItsName(file: Current): Promise<boolean> {
    try {
      await stat(join(folder, file.name));
      return true;
    } catch {
      await retire();
      return false;
    }
  }

  async function retire(): Promise<void> {
    const file = current;
    current = null;
    await file?.handle.close();
  }

  async function drainFile(name: string, write: (batch: RecordBatch) => Promise<void>): Promise<number> {
    const claimed = await claimFile(folder, name);
    if (claimed === null) return 0;
    let rows = 0;
    let refused: unknown = null;
    try {
      await readClaimed(claimed, async batch => {
        await write(batch).catch(error => {
          refused = error;
          throw error;
        });
        rows += batch.rows.length;
      });
    } catch (error) {
      // A missing database socket gives ENOENT as well, so only an error of the file itself is checked.
      if (error === refused || !isGone(error)) throw error;
      // Another process claimed the file and reads it from its beginning: a batch written twice adds nothing.
      written.delete(baseOf(claimed));
    }
    return rows;
  }

  async function readClaimed(claimed: string, write: (batch: RecordBatch) => Promise<void>): Promise<void> {
    const base = baseOf(claimed);
    let at = 0;
    let isDamaged = false;
    for await (const { text, isWhole } of linesOf(join(folder, claimed))) {
      at += 1;
      if (at <= (written.get(base) ?? 0)) continue;
      const batch = fromLine(text);
      if (batch) await write(batch);
      else if (isWhole) isDamaged = true;
      written.set(base, at);
    }
    const path = join(folder, claimed);
    await (isDamaged ? rename(path, path + damaged) : unlink(path));
    written.delete(base);
  }

  return {
    append(batch) {
      if (waiting > spoolBytesMax) return Promise.reject(new Error("the spool is full"));
      return inTurn(() => appendLine(toLine(batch)));
    },
    async drain(write) {
      await inTurn(retire);
      let rows = 0;
      try {
        for (const { name } of filesIn(folder)) if (name !== current?.name) rows += await drainFile(name, write);
      } finally {
        waiting = bytesIn(folder);
      }
      return rows;
    },
    setAside: batch =>
      appendFile(join(folder, `refused${suffix}${damaged}`), toLine(batch), { mode: 0o600, flush: true }),
    bytes: () => waiting,
    close: () => inTurn(retire),
  };
}

async function newFile(folder: string): Promise<Current> {
  const name = `${String(Date.now()).padStart(15, "0")}-${randomUUID()}${suffix}`;
  const handle = await open(join(folder, name), "a", 0o600);
  try {
    syncFolder(folder);
  } catch (error) {
    await handle.close();
    throw error;
  }
  return { handle, name, bytes: 0 };
}

/** Renames a file, so that its writer in any process can see the claim. Null where another process was faster. */
async function claimFile(folder: string, name: string): Promise<string | null> {
  const claimed = `${baseOf(name)}.${randomUUID()}${suffix}`;
  try {
    await rename(join(folder, name), join(folder, claimed));
    return claimed;
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

/** The time and id in a file's name, which a claim keeps: files are drained in the order of their creation. */
function baseOf(name: string): string {
  return name.slice(0, name.indexOf("."));
}

function filesIn(folder: string): { name: string; bytes: number }[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith(suffix))
    .map(({ name }) => ({ name, bytes: statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0 }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function bytesIn(folder: string): number {
  return filesIn(folder).reduce((sum, file) => sum + file.bytes, 0);
}

/** Windows cannot open a directory; there the sync of the file has to suffice. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
