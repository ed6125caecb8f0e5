import { readdirSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../app/config.ts";
import type { Sql } from "../../database/connect.ts";
import { pendingMigrations, versionProblem } from "../../database/migrate.ts";
import { counted, type DoctorFinding, note, problem } from "./finding.ts";
import { partitionsOf, serverOf } from "./store.ts";

const skewNoteMs = 2_000;
/**
 * Standard Webhooks lets receivers refuse a timestamp that is five minutes off. A clock that is so far off is wrong
 * before that.
 */
const skewProblemMs = 30_000;
const dayMs = 86_400_000;
const daysAheadMin = 2;
/** With less free space, PostgreSQL and the spool may stop writing within minutes. */
const freeBytesMin = 256 * 1024 * 1024;

/** Notes for the warnings of the configuration. */
export function checkWarnings({ warnings }: Config): DoctorFinding[] {
  return warnings.map(each => note(each, "see the table of environment variables in the documentation"));
}

/** Checks the version of PostgreSQL, that it takes writes, and that its schema is migrated. */
export async function checkServer(sql: Sql): Promise<DoctorFinding[]> {
  const { versionNum, takesNoWrites } = await serverOf(sql);
  const old = versionProblem(versionNum);
  if (old !== null) return [problem(old, "upgrade the PostgreSQL server")];
  if (takesNoWrites) {
    const todo =
      "point DATABASE_URL at the primary; where it is the primary, check its disk and its read-only settings";
    return [problem("the database takes no writes: it is read-only, or a standby", todo)];
  }
  return (await pendingMigrations(sql))
    ? [problem("the database lacks migrations of this version", "hakika migrate (hakika start migrates too)")]
    : [];
}

/** Compares this machine's clock with the database's. */
export async function checkClock(sql: Sql): Promise<DoctorFinding[]> {
  const before = Date.now();
  const { nowMs } = await serverOf(sql);
  const after = Date.now();
  const offMs = Math.round(Math.max(before - nowMs, nowMs - after, 0));
  if (offMs < skewNoteMs) return [];
  const what = `this machine's clock and the database's are ${(offMs / 1000).toFixed(1)} s apart`;
  return [
    (offMs >= skewProblemMs ? problem : note)(what, "synchronize both clocks by NTP: webhooks are signed with a time"),
  ];
}

/** Checks that the partitions of the next days exist, and that the default partition is empty. */
export async function checkPartitions(sql: Sql): Promise<DoctorFinding[]> {
  const { names, rowsInDefault } = await partitionsOf(sql);
  const { nowMs } = await serverOf(sql);
  const nameOf = (day: number) =>
    `callback_bodies_${new Date(nowMs + day * dayMs).toISOString().slice(0, 10).replaceAll("-", "")}`;
  const missing = Array.from({ length: daysAheadMin }, (_, day) => nameOf(day)).filter(name => !names.includes(name));
  return [
    ...(missing.length > 0
      ? [
          problem(
            `partitions for raw bodies are missing: ${missing.join(", ")}`,
            "start a worker: it creates them at its start and every hour",
          ),
        ]
      : []),
    ...(rowsInDefault > 0
      ? [
          note(
            `${counted(rowsInDefault, "raw body is", "raw bodies are")} in the default partition`,
            "a clock was wrong, or no worker ran for a week; retention drops them",
          ),
        ]
      : []),
  ];
}

/** Finds spool files of processes that no longer run. */
export function checkSpool({ dataDir }: Config): DoctorFinding[] {
  const folder = join(dataDir, "spool");
  const files = filesIn(folder);
  const left = files.filter(({ name }) => !isAlive(Number(name.split("-")[1])));
  if (left.length === 0) return [];
  const bytes = left.reduce((sum, { size }) => sum + size, 0);
  return [
    problem(
      `${counted(left.length, "file", "files")} of callbacks (${bytes} bytes) left in ${folder}`,
      "start a receiver with this data folder: it drains them",
    ),
  ];
}

/** Checks the free space for the spool and the embedded database. */
export function checkDisk({ dataDir }: Pick<Config, "dataDir">, free = freeBytesOf): DoctorFinding[] {
  const bytes = free(dataDir);
  if (bytes === null || bytes >= freeBytesMin) return [];
  return [
    problem(
      `the disk of ${dataDir} has ${Math.floor(bytes / 1024 / 1024)} MiB left`,
      "free some space: callbacks are refused once neither the database nor the spool can be written",
    ),
  ];
}

function freeBytesOf(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

function filesIn(folder: string): { name: string; size: number }[] {
  try {
    return readdirSync(folder)
      .filter(name => name.endsWith(".ndjson"))
      .map(name => ({ name, size: statSync(join(folder, name)).size }));
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
