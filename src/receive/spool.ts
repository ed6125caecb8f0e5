import { randomUUID } from "node:crypto";
import {
  closeSync,
  createReadStream,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
  unlinkSync,
} from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { CallbackRecord, RecordBatch } from "./record.ts";

/**
 * Where callbacks are kept while the database is away: lines of JSON, synced before anybody is answered. One file a process and
 * outage; a file of a process that is gone is drained by whoever starts next on this folder.
 */
export type Spool = {
  /** Appends and syncs; several calls at once share one sync. Rejects where the disk cannot be written. */
  append(batch: RecordBatch): Promise<void>;
  /** Hands every kept batch to `write`, oldest first, and removes what was written. Stops at the first failure. */
  drain(write: (batch: RecordBatch) => Promise<void>): Promise<number>;
  /** Bytes waiting. */
  bytes(): number;
  close(): Promise<void>;
};

const fileBytesMax = 64 * 1024 * 1024;
const spoolBytesMax = 4 * 1024 * 1024 * 1024;

export function openSpool(dataDir: string): Spool {
  const folder = join(dataDir, "spool");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let current: { handle: FileHandle; name: string; bytes: number } | null = null;
  let waiting = filesIn(folder).reduce((sum, file) => sum + file.bytes, 0);
  let queue = Promise.resolve();

  async function appendLine(line: string): Promise<void> {
    if (current && current.bytes > fileBytesMax) await retire();
    if (!current) {
      const name = `${String(Date.now()).padStart(15, "0")}-${process.pid}-${randomUUID()}.ndjson`;
      current = { handle: await open(join(folder, name), "a", 0o600), name, bytes: 0 };
      syncFolder(folder);
    }
    const { handle } = current;
    const before = current.bytes;
    try {
      await handle.write(line);
      await handle.datasync();
      current.bytes += Buffer.byteLength(line);
      waiting += Buffer.byteLength(line);
    } catch (error) {
      // A line that is only half there must not precede a whole one.
      await handle.truncate(before).catch(() => retire());
      throw error;
    }
  }

  async function retire(): Promise<void> {
    const file = current;
    current = null;
    await file?.handle.close();
  }

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work);
    queue = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  };

  return {
    append: batch => {
      if (waiting > spoolBytesMax) return Promise.reject(new Error("the spool is full"));
      return inTurn(() => appendLine(`${JSON.stringify(toLine(batch))}\n`));
    },
    async drain(write) {
      await inTurn(retire);
      let drained = 0;
      for (const file of filesIn(folder)) {
        if (file.name === current?.name || isOthers(file.name)) continue;
        for await (const line of linesOf(join(folder, file.name))) {
          const batch = fromLine(line);
          if (!batch) continue;
          await write(batch);
          drained += batch.rows.length;
        }
        unlinkSync(join(folder, file.name));
        waiting -= file.bytes;
      }
      return drained;
    },
    bytes: () => Math.max(0, waiting),
    close: () => inTurn(retire),
  };
}

function filesIn(folder: string): { name: string; bytes: number }[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith(".ndjson"))
    .map(entry => ({ name: entry.name, bytes: statSync(join(folder, entry.name)).size }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A living other process of this folder drains its own files. */
function isOthers(name: string): boolean {
  const pid = Number(name.split("-")[1]);
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) if (line !== "") yield line;
}

type Line = { batchId: string; rows: { record: Record<string, unknown>; copies: number }[] };

function toLine(batch: RecordBatch): Line {
  return {
    batchId: batch.batchId,
    rows: batch.rows.map(({ record, copies }) => ({
      copies,
      record: { ...record, digest: record.digest.toString("base64"), body: record.body.toString("base64") },
    })),
  };
}

/** Null for a line that a crash cut off: nobody was answered for it. */
function fromLine(text: string): RecordBatch | null {
  let line: Line;
  try {
    line = JSON.parse(text) as Line;
  } catch {
    return null;
  }
  return {
    batchId: line.batchId,
    rows: line.rows.map(({ record, copies }) => ({
      copies,
      record: {
        ...(record as unknown as CallbackRecord),
        receivedAt: new Date(record.receivedAt as string),
        digest: Buffer.from(record.digest as string, "base64"),
        body: Buffer.from(record.body as string, "base64"),
      },
    })),
  };
}
