import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { connectHot, type Tx } from "../connect.ts";
import { workersAlive } from "../heartbeat.ts";
import { migrate, migrationsFolder } from "../migrate.ts";
import { ensurePartitionNamed } from "../partitions.ts";
import { checkBackup } from "./check.ts";
import { type BackupHeader, type BackupRows, copyStatement } from "./format.ts";
import { readBackup } from "./read.ts";
import { emptyTables, hasMerchants } from "./tables-store.ts";

/**
 * Fills an empty database from a backup, in one database transaction: migrates it to where the backup was taken, copies
 * the rows, and migrates to this program's newest. Throws, and leaves no row, where the database has merchants, a
 * worker runs on it, or the backup is damaged or of a newer program. `url`: the owner's, with sessions.
 */
export async function restoreBackup(url: string, file: string, folder: string = migrationsFolder): Promise<BackupRows> {
  const header = await checkBackup(file);
  await migrateTo(url, folder, header);
  const sql = connectHot(url, { applicationName: "hakika restore", max: 1, isLasting: true });
  try {
    if (await hasMerchants(sql)) throw new Error("the database has merchants: restore into an empty one");
    if ((await workersAlive(sql)) > 0) throw new Error("a worker runs on this database: stop it first");
    for (const { name } of header.tables) await ensurePartitionNamed(sql, name);
    const rows = await sql.begin(tx => fill(tx, header, file));
    await migrate(url, folder);
    return rows;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function fill(tx: Tx, { tables }: BackupHeader, file: string): Promise<BackupRows> {
  await emptyTables(tx, tables);
  const waiting = [...tables];
  let rows: Writable | null = null;
  for await (const part of readBackup(file)) {
    if (part.kind === "rows") {
      if (!rows!.write(part.lines)) await once(rows!, "drain");
      continue;
    }
    if (rows !== null) await endOf(rows);
    if (part.kind === "end") return part.rows;
    if (part.kind !== "table") continue;
    rows = await tx.unsafe(copyStatement(waiting.shift()!, "from stdin")).writable();
    // `endOf` reports the error.
    rows.on("error", () => {});
  }
  return {};
}

async function endOf(rows: Writable): Promise<void> {
  const done = finished(rows);
  rows.end();
  await done;
}

type Journal = { entries: { when: number; tag: string }[] };

/** Migrates an empty database as far as the backup's had been. */
async function migrateTo(url: string, folder: string, { migration, version }: BackupHeader): Promise<void> {
  const file = path.join("meta", "_journal.json");
  const journal = JSON.parse(readFileSync(path.join(folder, file), "utf8")) as Journal;
  if (!journal.entries.some(({ when }) => when === migration)) {
    throw new Error(
      `the backup is of version ${version}, whose database this program does not know: restore with that`,
    );
  }
  const part = mkdtempSync(path.join(tmpdir(), "hakika-migrations-"));
  try {
    cpSync(folder, part, { recursive: true });
    const entries = journal.entries.filter(({ when }) => when <= migration);
    writeFileSync(path.join(part, file), JSON.stringify({ ...journal, entries }));
    await migrate(url, part);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}
