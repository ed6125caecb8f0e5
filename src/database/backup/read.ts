import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { type BackupHeader, type BackupRows, endOfRows, headerIn, rowsIn } from "./format.ts";

/** A piece of a backup: its header, the beginning of a table's rows, some of them, or the counts at its end. */
export type BackupPart =
  | { kind: "header"; header: BackupHeader }
  | { kind: "table" }
  | { kind: "rows"; lines: Buffer }
  | { kind: "end"; rows: BackupRows };

/** Reads a backup piece by piece. Throws where the file is damaged, cut short, or none. */
export async function* readBackup(file: string): AsyncGenerator<BackupPart> {
  const broken = (what: string) => new Error(`${file} is no whole backup of Hakika: ${what}`);
  let inRows = false;
  let place: "start" | "tables" | "end" = "start";
  for await (const lines of linesOf(file, broken)) {
    let rows: Buffer[] = [];
    for (const line of lines) {
      if (inRows && !isEndOfRows(line)) {
        rows.push(line);
        continue;
      }
      if (rows.length > 0) yield { kind: "rows", lines: Buffer.concat(rows) };
      rows = [];
      if (inRows) {
        inRows = false;
        continue;
      }
      const text = line.toString();
      const header: BackupHeader | null = place === "start" ? headerIn(text) : null;
      const counts: BackupRows | null = place === "tables" ? rowsIn(text) : null;
      if (header !== null) yield { kind: "header", header };
      else if (counts !== null) yield { kind: "end", rows: counts };
      else if (place !== "tables") throw broken(place === "start" ? "it has no header" : "something follows its end");
      else yield { kind: "table" };
      inRows = header === null && counts === null;
      place = counts === null ? "tables" : "end";
    }
    if (rows.length > 0) yield { kind: "rows", lines: Buffer.concat(rows) };
  }
  if (place !== "end") throw broken("its end is missing");
}

function isEndOfRows(line: Buffer): boolean {
  return line.length === endOfRows.length + 1 && line.toString("latin1", 0, endOfRows.length) === endOfRows;
}

/** Whole lines with their newlines, as many at a time as come. */
async function* linesOf(file: string, broken: (what: string) => Error): AsyncGenerator<Buffer[]> {
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(file).pipe(createGunzip())) {
      rest = Buffer.concat([rest, chunk as Buffer]);
      const lines: Buffer[] = [];
      let from = 0;
      for (let at = rest.indexOf(10); at !== -1; at = rest.indexOf(10, from)) {
        lines.push(rest.subarray(from, at + 1));
        from = at + 1;
      }
      rest = rest.subarray(from);
      if (lines.length > 0) yield lines;
    }
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    throw code.startsWith("Z_") ? broken("its compression is damaged") : error;
  }
  if (rest.length > 0) throw broken("its last line is cut");
}
