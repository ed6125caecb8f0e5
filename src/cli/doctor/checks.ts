import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../config.ts";
import type { Sql } from "../../database/connect.ts";
import { makeSecretBox, type SecretBox } from "../../database/encryption.ts";
import { pendingMigrations, versionProblem } from "../../database/migrate.ts";
import { publicId } from "../../domain/ids.ts";
import { ensureGeneratedKeys } from "../../generated-keys.ts";
import { keysInUse } from "../keys/rotate.ts";
import { type Finding, note, problem } from "./finding.ts";
import { orphans, overdueRows, partitionsOf, quarantined, serverOf, workersAlive } from "./store.ts";

const skewNoteMs = 2_000;
/** Standard Webhooks lets receivers refuse what is five minutes off; long before that something is wrong. */
const skewProblemMs = 30_000;
const graceS = 120;
const dayMs = 86_400_000;
const daysAheadMin = 2;

export function checkWarnings({ warnings }: Config): Finding[] {
  return warnings.map(each => note(each, "see the table of variables in the documents"));
}

export async function checkServer(sql: Sql): Promise<Finding[]> {
  const { versionNum } = await serverOf(sql);
  const old = versionProblem(versionNum);
  if (old !== null) return [problem(old, "upgrade the PostgreSQL server")];
  return (await pendingMigrations(sql))
    ? [problem("the database lacks migrations of this version", "hakika migrate (or start, which migrates)")]
    : [];
}

export async function checkClock(sql: Sql): Promise<Finding[]> {
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

export async function checkPartitions(sql: Sql): Promise<Finding[]> {
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
            `${strays} raw bodies lie in the default partition`,
            "a clock was off, or no worker ran for a week; retention removes them",
          ),
        ]
      : []),
  ];
}

/** Whether every sealed value has its key. Answers the box too, where there is one. */
export async function checkKeys(config: Config, sql: Sql): Promise<{ findings: Finding[]; box: SecretBox }> {
  const keys = ensureGeneratedKeys({ ...config, adminKey: config.adminKey ?? "not looked at" }).secretKeys;
  const box = makeSecretBox(keys);
  const known = new Set(keys.map(({ id }) => id));
  const use = Object.entries(await keysInUse(sql, box));
  const missing = use.filter(([id]) => !known.has(id));
  const old = use.filter(([id]) => known.has(id) && id !== box.writesWith);
  const where = config.secretKeys === null ? "secret.key of the data folder" : "HAKIKA_SECRET_KEY";
  const list = (pairs: [string, number][]) => pairs.map(([id, count]) => `${id} (${count} values)`).join(", ");
  return {
    box,
    findings: [
      ...(missing.length > 0
        ? [
            problem(
              `values are sealed with keys that are missing: ${list(missing)}`,
              `put them back into ${where}, after the first`,
            ),
          ]
        : []),
      ...(old.length > 0 ? [note(`values are sealed with older keys: ${list(old)}`, "hakika keys rotate")] : []),
    ],
  };
}

export async function checkQueues(sql: Sql): Promise<Finding[]> {
  const [alive, overdue, lost, waiting] = await Promise.all([
    workersAlive(sql),
    overdueRows(sql, graceS),
    orphans(sql, graceS),
    quarantined(sql),
  ]);
  const found: Finding[] =
    alive > 0 ? [] : [note("no worker runs", "hakika start, or a process with HAKIKA_ROLES=worker")];
  for (const { queue, count, oldestS } of overdue) {
    const todo = alive > 0 ? "a worker runs and does not get to them: look at its log" : "start a worker: hakika start";
    found.push(problem(`${count} rows of the ${queue} queue are stuck, the oldest since ${oldestS} s`, todo));
  }
  if (lost.callbacks.length > 0) {
    const name = publicId("callback", lost.callbacks[0]!);
    found.push(
      problem(
        `${lost.callbacks.length} callbacks are neither read nor queued: ${name}, ...`,
        `hakika callbacks reprocess ${name}`,
      ),
    );
  }
  if (lost.deliveries.length > 0) {
    const name = publicId("delivery", lost.deliveries[0]!);
    found.push(
      problem(
        `${lost.deliveries.length} deliveries are pending and not queued: ${name}, ...`,
        `POST /v1/deliveries/${name}/retry`,
      ),
    );
  }
  if (waiting > 0)
    found.push(note(`${waiting} callbacks are in quarantine`, "hakika callbacks list --state quarantined"));
  return found;
}

export function checkSpool({ dataDir }: Config): Finding[] {
  const folder = join(dataDir, "spool");
  const files = filesIn(folder);
  const left = files.filter(({ name }) => !isAlive(Number(name.split("-")[1])));
  if (left.length === 0) return [];
  const bytes = left.reduce((sum, { size }) => sum + size, 0);
  return [
    problem(
      `${left.length} files (${bytes} bytes) of callbacks wait in ${folder}`,
      "start a receiver on this data folder: it drains them",
    ),
  ];
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
