import { readdirSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../app/config.ts";
import type { Sql } from "../../database/connect.ts";
import { pendingMigrations, versionProblem } from "../../database/migrate.ts";
import { counted, type DoctorFinding, note, problem } from "./finding.ts";
import { partitionsOf, serverOf } from "./store.ts";

const skewNoteMs = 2_000;
/** Standard Webhooks lets receivers refuse what is five minutes off; long before that something is wrong. */
const skewProblemMs = 30_000;
const dayMs = 86_400_000;
const daysAheadMin = 2;
/** Less than that, and the next minutes decide: PostgreSQL stops writing at 0, and the spool with it. */
const freeBytesMin = 256 * 1024 * 1024;

export function checkWarnings({ warnings }: Config): DoctorFinding[] {
  return warnings.map(each => note(each, "see the table of variables in the documents"));
}

export async function checkServer(sql: Sql): Promise<DoctorFinding[]> {
  const { versionNum, takesNoWrites } = await serverOf(sql);
  const old = versionProblem(versionNum);
  if (old !== null) return [problem(old, "upgrade the PostgreSQL server")];
  if (takesNoWrites) {
    const todo =
      "point DATABASE_URL at the primary; where it is one, see whether its disk is full or somebody set it so";
    return [problem("the database takes no writes: it is read-only, or a standby", todo)];
  }
  return (await pendingMigrations(sql))
    ? [problem("the database lacks migrations of this version", "hakika migrate (or start, which migrates)")]
    : [];
}

export async function checkClock(sql: Sql): Promise<DoctorFinding[]> {
  const before = Date.now();
  const { nowMs } = await serverOf(sql);
  const after = Date.now();
  const offMs = Math.round(Math.max(before - nowMs, nowMs - after, 0));
  if (offMs < skewNoteMs) return [];
  const what = `this machine's clock and the database's are ${(offMs / 1000).toFixed(1)} s apart`;
  return [
    (offMs >= skewProblemMs ? problem : note)(what, "let both machines set their clocks by NTP: webhooks carry a time"),
  ];
}

export async function checkPartitions(sql: Sql): Promise<DoctorFinding[]> {
  const { names, strays } = await partitionsOf(sql);
  const { nowMs } = await serverOf(sql);
  const nameOf = (day: number) =>
    `callback_bodies_${new Date(nowMs + day * dayMs).toISOString().slice(0, 10).replaceAll("-", "")}`;
  const missing = Array.from({ length: daysAheadMin }, (_, day) => nameOf(day)).filter(name => !names.includes(name));
  return [
    ...(missing.length > 0
      ? [
          problem(
            `partitions for raw bodies are missing: ${missing.join(", ")}`,
            "run a worker: it makes them when it starts and every hour",
          ),
        ]
      : []),
    ...(strays > 0
      ? [
          note(
            `${counted(strays, "raw body lies", "raw bodies lie")} in the default partition`,
            "a clock was off, or no worker ran for a week; retention removes them",
          ),
        ]
      : []),
  ];
}

export function checkSpool({ dataDir }: Config): DoctorFinding[] {
  const folder = join(dataDir, "spool");
  const files = filesIn(folder);
  const left = files.filter(({ name }) => !isAlive(Number(name.split("-")[1])));
  if (left.length === 0) return [];
  const bytes = left.reduce((sum, { size }) => sum + size, 0);
  return [
    problem(
      `${counted(left.length, "file", "files")} of callbacks (${bytes} bytes) ${left.length === 1 ? "waits" : "wait"} in ${folder}`,
      "start a receiver on this data folder: it drains them",
    ),
  ];
}

/** Room for the spool, and for the embedded database. */
export function checkDisk({ dataDir }: Pick<Config, "dataDir">, free = freeBytesOf): DoctorFinding[] {
  const bytes = free(dataDir);
  if (bytes === null || bytes >= freeBytesMin) return [];
  return [
    problem(
      `the disk of ${dataDir} has ${Math.floor(bytes / 1024 / 1024)} MiB left`,
      "free some, or give it a bigger one: callbacks are refused once neither database nor spool can be written",
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
