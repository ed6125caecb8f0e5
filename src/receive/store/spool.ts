import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, statSync } from "node:fs";
import { appendFile, type FileHandle, open, rename, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { RecordBatch } from "./callback-record.ts";
import { fromLine, linesOf, toLine } from "./spool-line.ts";

/**
 * Where callbacks are kept while the database is away: lines of JSON, synced before anybody is answered. Each process writes files
 * of its own. Whoever drains takes every file on the folder, another process's too, dead or living: it renames the file first and
 * then reads it to its end, and a writer whose file has lost its name after a sync writes the line again elsewhere.
 */
export type Spool = {
  /** Appends and syncs. Rejects where the disk cannot be written. */
  append(batch: RecordBatch): Promise<void>;
  /** Hands every kept batch to `write`, oldest first, and removes what was written. Stops at the first failure. */
  drain(write: (batch: RecordBatch) => Promise<void>): Promise<number>;
  /** Keeps what the database refuses in a file of its own, for a person. */
  setAside(batch: RecordBatch): Promise<void>;
  /** Bytes waiting. */
  bytes(): number;
  close(): Promise<void>;
};

const fileBytesMax = 64 * 1024 * 1024;
const spoolBytesMax = 4 * 1024 * 1024 * 1024;
const suffix = ".ndjson";
/** Kept for a person, and drained no more: a file with a line in its midst that is none, and what the database refused. */
const damaged = ".damaged";

type Current = { handle: FileHandle; name: string; bytes: number };

export function openSpool(dataDir: string): Spool {
  const folder = join(dataDir, "spool");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let current: Current | null = null;
  let waiting = bytesIn(folder);
  let queue: Promise<unknown> = Promise.resolve();
  /** Lines of a file that were written before a failure stopped the drain, by the part of its name that stays. */
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
      await write(current, line);
    } while (!(await hasItsName(current)));
    waiting += line.length;
  }

  async function write(file: Current, line: Buffer): Promise<void> {
    try {
      await file.handle.appendFile(line);
      await file.handle.datasync();
      file.bytes += line.length;
    } catch (error) {
      // A line that is only half there must not precede a whole one.
      await file.handle.truncate(file.bytes).catch(retire);
      throw error;
    }
  }

  /** Afterwards the next line begins a new file where this one was taken. */
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

  async function drainFile(name: string, hand: (batch: RecordBatch) => Promise<void>): Promise<number> {
    const taken = await take(folder, name);
    if (taken === null) return 0;
    let rows = 0;
    let refused: unknown = null;
    try {
      await readTaken(taken, async batch => {
        await hand(batch).catch(error => {
          refused = error;
          throw error;
        });
        rows += batch.rows.length;
      });
    } catch (error) {
      // A database behind a socket that is not there says the same of that as a folder of a file.
      if (error === refused || !isGone(error)) throw error;
      // Another process took it in turn, and reads it from its beginning: a batch written twice adds nothing.
      written.delete(baseOf(taken));
    }
    return rows;
  }

  async function readTaken(taken: string, hand: (batch: RecordBatch) => Promise<void>): Promise<void> {
    const base = baseOf(taken);
    let at = 0;
    let isDamaged = false;
    for await (const { text, isWhole } of linesOf(join(folder, taken))) {
      at += 1;
      if (at <= (written.get(base) ?? 0)) continue;
      const batch = fromLine(text);
      if (batch) await hand(batch);
      else if (isWhole) isDamaged = true;
      written.set(base, at);
    }
    const path = join(folder, taken);
    await (isDamaged ? rename(path, path + damaged) : unlink(path));
    written.delete(base);
  }

  return {
    append(batch) {
      if (waiting > spoolBytesMax) return Promise.reject(new Error("the spool is full"));
      return inTurn(() => appendLine(toLine(batch)));
    },
    async drain(hand) {
      await inTurn(retire);
      let drained = 0;
      try {
        for (const { name } of filesIn(folder)) if (name !== current?.name) drained += await drainFile(name, hand);
      } finally {
        waiting = bytesIn(folder);
      }
      return drained;
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

/** Renames a file so that its writer, wherever it is, knows that it was taken; null where another process was faster. */
async function take(folder: string, name: string): Promise<string | null> {
  const taken = `${baseOf(name)}.${randomUUID()}${suffix}`;
  try {
    await rename(join(folder, name), join(folder, taken));
    return taken;
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

/** Time and number of a file, which stay whoever takes it: files are drained in the order they were begun. */
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

/** Windows cannot open a directory; there the file's own sync must do. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
