import { randomUUID } from "node:crypto";
import { rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Vault } from "../../database/vault/vault.ts";
import type { RecordBatch } from "./callback-record.ts";
import { damaged, suffix } from "./spool-folder.ts";
import { fromLine, linesOf } from "./spool-line.ts";

type WriteBatch = (batch: RecordBatch) => Promise<void>;

/**
 * Claims a file of any process, passes its batches to `write`, and removes the file. Resolves to the number of
 * callbacks. After a failure of `write` the next drain of the file continues with the batch that failed.
 */
export type DrainFile = (name: string, write: WriteBatch) => Promise<number>;

export function createFileDrain(folder: string, vault: Vault): DrainFile {
  /** By the constant part of a file's name: how many of its lines were written before a failure stopped the drain. */
  const written = new Map<string, number>();

  async function readClaimed(claimed: string, write: WriteBatch): Promise<void> {
    const base = baseOf(claimed);
    let at = 0;
    let isDamaged = false;
    for await (const { text, isWhole } of linesOf(join(folder, claimed))) {
      at += 1;
      if (at <= (written.get(base) ?? 0)) continue;
      const batch = fromLine(text, vault);
      if (batch) await write(batch);
      else if (isWhole) isDamaged = true;
      written.set(base, at);
    }
    const path = join(folder, claimed);
    await (isDamaged ? rename(path, path + damaged) : unlink(path));
    written.delete(base);
  }

  return async (name, write) => {
    const claimed = await claimFile(folder, name);
    if (claimed === null) return 0;
    let rows = 0;
    let writeError: unknown = null;
    try {
      await readClaimed(claimed, async batch => {
        await write(batch).catch(error => {
          writeError = error;
          throw error;
        });
        rows += batch.rows.length;
      });
    } catch (error) {
      // A missing database socket gives ENOENT as well, so an error of `write` says nothing about the file.
      if (error === writeError || !isMissing(error)) throw error;
      // Another process claimed the file and reads it from its beginning: a batch written twice adds nothing.
      written.delete(baseOf(claimed));
    }
    return rows;
  };
}

/** Renames a file, so that its writer in any process can see the claim. Null where another process was faster. */
async function claimFile(folder: string, name: string): Promise<string | null> {
  const claimed = `${baseOf(name)}.${randomUUID()}${suffix}`;
  try {
    await rename(join(folder, name), join(folder, claimed));
    return claimed;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

/** The time and id in a file's name, which a claim keeps: files are drained in the order of their creation. */
function baseOf(name: string): string {
  return name.slice(0, name.indexOf("."));
}
