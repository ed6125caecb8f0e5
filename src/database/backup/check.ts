import type { BackupHeader, BackupRows } from "./format.ts";
import { readBackup } from "./read.ts";

/**
 * Reads a whole backup before anything is made of it, and returns its header. Throws where the file is damaged, cut
 * short, or lacks rows that it counted.
 */
export async function checkBackup(file: string): Promise<BackupHeader> {
  let header: BackupHeader | null = null;
  let waiting: string[] = [];
  const found: BackupRows = {};
  let current = "";
  for await (const part of readBackup(file)) {
    if (part.kind === "header") {
      header = part.header;
      waiting = header.tables.map(({ name }) => name);
    } else if (part.kind === "table") {
      current = waiting.shift() ?? "a table that its header does not name";
      found[current] = 0;
    } else if (part.kind === "rows") {
      found[current]! += countLines(part.lines);
    } else {
      const other = Object.keys({ ...part.rows, ...found }).filter(name => part.rows[name] !== found[name]);
      if (other.length > 0) throw new Error(`${file} lacks rows of ${other.join(", ")}`);
    }
  }
  return header!;
}

/** Each row ends with a newline; one inside a value is escaped. */
export function countLines(chunk: Buffer): number {
  let lines = 0;
  for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1;
  return lines;
}
