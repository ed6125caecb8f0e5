import { closeSync, fsyncSync, openSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Ends the name of each file that a drain reads. */
export const suffix = ".ndjson";
/** Ends the name of files for an operator, which no drain reads: files with an invalid line, and rejected callbacks. */
export const damaged = ".damaged";

/** The spool's files, oldest first. */
export function filesIn(folder: string): { name: string; bytes: number }[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith(suffix))
    .map(({ name }) => ({ name, bytes: statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0 }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Bytes of all files that a drain reads. */
export function bytesIn(folder: string): number {
  return filesIn(folder).reduce((sum, file) => sum + file.bytes, 0);
}

/** Makes a new file's name durable. Windows cannot open a directory; there the sync of the file has to suffice. */
export function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
