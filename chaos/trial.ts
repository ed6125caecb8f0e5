import { execFile } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { connectHot, type Sql } from "../src/database/connect.ts";
import { mostWithin } from "../src/simulator/count-calls.ts";
import { callApi } from "./api.ts";
import { begin } from "./faults.ts";
import { judge, type Outcome } from "./judge.ts";
import { type Load, startLoad } from "./load.ts";
import { readKept } from "./outcome-store.ts";
import { type Fault, lineOf, type Plan } from "./plan.ts";
import { ratePerMinute, startWorld, type World } from "./world.ts";

export type Trial = { plan: Plan; problems: string[]; payments: number; heard: number; convergedS: number };

const lookEveryMs = 500;
const script = fileURLToPath(new URL("../bin/hakika.js", import.meta.url));

/** Plays a plan from its start to its judgement. `convergeMaxMs` after the heal everything must hold. */
export async function playPlan(plan: Plan, convergeMaxMs: number, say: (line: string) => void): Promise<Trial> {
  const world = await startWorld(plan);
  try {
    say(`started: ${world.programs["receiver 1"].url}, logs below ${world.folder}`);
    const load = startLoad(world, plan.seed);
    const startedMs = performance.now();
    const faults = plan.faults.map(fault => play(fault, world, load, startedMs, say));
    await pause(plan.loadS * 1_000);
    await Promise.all(faults);
    const ended = await heal(world, load);
    say(`healed: ${load.payments.length} payments; now all must come to rest`);
    const healedMs = performance.now();
    const reconciling = setInterval(() => void reconcile(world).catch(() => {}), 2_000);
    const problems = await untilAtRest(world, load, healedMs + convergeMaxMs);
    clearInterval(reconciling);
    const convergedS = Math.round((performance.now() - healedMs) / 100) / 10;
    const doctor = problems.length > 0 ? [] : await askDoctor(world);
    const heard = Object.values(world.endpoints).reduce((sum, endpoint) => sum + endpoint.heard.length, 0);
    return {
      ...{ plan, payments: load.payments.length, heard, convergedS },
      problems: [...ended, ...problems, ...doctor.map(each => `doctor: ${each}`)],
    };
  } finally {
    await world.close();
  }
}

async function play(
  fault: Fault,
  world: World,
  load: Load,
  startedMs: number,
  say: (line: string) => void,
): Promise<void> {
  await pause(Math.max(0, startedMs + fault.atS * 1_000 - performance.now()));
  say(lineOf(fault));
  const end = await begin(fault, world, load, say);
  await pause(fault.forS * 1_000);
  await end();
}

/** Everything runs again and behaves well. Answers which processes ended although no fault killed them. */
async function heal(world: World, load: Load): Promise<string[]> {
  const { database, programs, adminKey, endpointIds } = world;
  const ended = Object.entries(programs)
    .filter(([, program]) => program.endedByItself())
    .map(([name, program]) => `${name} ended by itself: ${program.logEnd()}`);
  await database.current.start();
  for (const proxy of database.proxies) proxy.mend();
  await Promise.all(Object.values(programs).map(program => program.start()));
  await load.stop();
  const since = new Date(Date.now() - 3_600_000).toISOString();
  for (const id of endpointIds.keys()) {
    const url = programs["receiver 1"].url;
    await callApi(url, adminKey, "POST", `/v1/endpoints/${id}/recover`, { since }).catch(() => {});
  }
  return ended;
}

function reconcile({ programs, adminKey }: World): Promise<unknown> {
  return callApi(programs["receiver 2"].url, adminKey, "POST", "/v1/reconcile", {});
}

/** What still does not hold at `untilMs`; nothing as soon as all holds. */
async function untilAtRest(world: World, load: Load, untilMs: number): Promise<string[]> {
  const sql = connectHot(world.database.current.url, { applicationName: "chaos", max: 1 });
  try {
    for (;;) {
      const problems = await look(sql, world, load);
      if (problems.length === 0 || performance.now() > untilMs) return problems;
      await pause(lookEveryMs);
    }
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function look(sql: Sql, world: World, load: Load): Promise<string[]> {
  try {
    return judge(await outcomeOf(world, load, await readKept(sql, world.endpointIds)));
  } catch (error) {
    return [`the database cannot be read: ${error}`];
  }
}

async function outcomeOf({ endpoints, connections }: World, load: Load, kept: Outcome["kept"]): Promise<Outcome> {
  return {
    payments: load.payments,
    heard: new Map(Object.entries(endpoints).map(([name, { heard }]) => [name, heard])),
    kept,
    calls: connections.map(({ name, daraja }) => ({
      connection: name,
      most: mostWithin(
        daraja.calls.filter(({ what }) => what === "status"),
        60_000,
      ),
      allowed: ratePerMinute,
    })),
    doctor: [],
  };
}

type DoctorReport = { checks: { check: string; findings: { level: string; what: string }[] }[] };

/** The problems that `hakika doctor` finds, as an operator would run it. */
async function askDoctor({ programs }: World): Promise<string[]> {
  const { env } = programs["receiver 1"];
  const text = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, [script, "doctor", "--json"], { env }, (error, stdout, stderr) => {
      if (error && stdout === "") reject(new Error(`doctor: ${stderr}`));
      else resolve(stdout);
    });
  });
  const { checks } = JSON.parse(text) as DoctorReport;
  // The disks of a trial are small on purpose: they must fill up within seconds.
  const found = checks.filter(({ check }) => check !== "disk").flatMap(({ findings }) => findings);
  return found.filter(({ level }) => level === "problem").map(({ what }) => what);
}
