import { closeSync, createWriteStream, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Sql, Tx } from "../connect.ts";
import { countLines } from "./check.ts";
import { type BackupRows, copyStatement, endOfRows, headerLine, rowsLine } from "./format.ts";
import { listTables, newestMigration } from "./tables-store.ts";

/** The program that writes a backup, and when. */
type BackupOf = { version: string; now: Date };

/**
 * Writes the whole database as it is at one moment into a new file (0600), beside a running program. The file appears
 * under its name when it is whole and on disk. Throws where the file exists or cannot be written.
 */
export async function writeBackup(sql: Sql, file: string, of: BackupOf): Promise<BackupRows> {
  const rows: BackupRows = {};
  const partial = `${file}.part`;
  // Taken by name first: nothing of another's is overwritten.
  closeSync(openSync(file, "wx", 0o600));
  try {
    await sql.begin("isolation level repeatable read read only", async tx => {
      await pipeline(
        Readable.from(textOf(tx, of, rows)),
        createGzip(),
        createWriteStream(partial, { flags: "wx", mode: 0o600 }),
      );
    });
    const written = openSync(partial, "r");
    fsyncSync(written);
    closeSync(written);
    renameSync(partial, file);
  } catch (error) {
    for (const each of [partial, file]) rmSync(each, { force: true });
    throw error;
  }
  return rows;
}

async function* textOf(tx: Tx, { version, now }: BackupOf, rows: BackupRows): AsyncGenerator<Buffer | string> {
  const tables = await listTables(tx);
  const migration = await newestMigration(tx);
  yield headerLine({ format: 1, version, migration, taken_at: now.toISOString(), tables });
  for (const table of tables) {
    rows[table.name] = 0;
    yield `${copyStatement(table, "from stdin")};\n`;
    for await (const chunk of await tx.unsafe(copyStatement(table, "to stdout")).readable()) {
      rows[table.name]! += countLines(chunk as Buffer);
      yield chunk as Buffer;
    }
    yield `${endOfRows}\n`;
  }
  yield rowsLine(rows);
}
