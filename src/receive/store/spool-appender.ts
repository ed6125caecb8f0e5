import { randomUUID } from "node:crypto";
import { type FileHandle, open, stat } from "node:fs/promises";
import { join } from "node:path";
import { suffix, syncFolder } from "./spool-folder.ts";

/** Writes lines to files of this process. */
export type SpoolAppender = {
  /** Appends a line and syncs it. Rejects where the disk cannot be written; then nothing of the line stays. */
  append(line: Buffer): Promise<void>;
  /** Closes the present file. The next line begins a new one. */
  retire(): Promise<void>;
  /** The name of the file that the next line goes to; null where it begins a new one. */
  fileName(): string | null;
};

const fileBytesMax = 64 * 1024 * 1024;

type OpenFile = { handle: FileHandle; name: string; bytes: number };

/** One line at a time, in the order of the calls. */
export function createSpoolAppender(folder: string): SpoolAppender {
  let current: OpenFile | null = null;
  let queue: Promise<unknown> = Promise.resolve();

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
  }

  async function writeLine(file: OpenFile, line: Buffer): Promise<void> {
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

  /** Whether no drain has claimed the file. After a claim the line is written again, into a new file. */
  async function hasItsName(file: OpenFile): Promise<boolean> {
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

  return {
    append: line => inTurn(() => appendLine(line)),
    retire: () => inTurn(retire),
    fileName: () => current?.name ?? null,
  };
}

async function newFile(folder: string): Promise<OpenFile> {
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
