import { parseArgs } from "node:util";
import { lineOf, type Plan, planOf } from "./plan.ts";
import { smallestThatFails } from "./shrink.ts";
import { playPlan } from "./trial.ts";
import { closeWorlds } from "./world.ts";

/**
 * `npm run chaos -- --seed N [--short]`: plays the seed's plan of faults on the built program, and judges what came of
 * it. Exit 0 where everything held, 1 where not, 2 for a wrong call.
 */
const convergeMaxMs = { short: 75_000, long: 180_000 } as const;
/** The short form ends by itself below four minutes, whatever hangs. */
const shortMaxMs = 225_000;
const shrinkRunsMax = 16;

const { seed, isShort } = options();
console.log(`seed ${seed}`);
const plan = planOf(seed, isShort);
print(plan);
if (isShort) {
  setTimeout(() => breakOff("failed: not done within the time of --short", 1), shortMaxMs).unref();
}
process.once("SIGINT", () => breakOff("broken off", 130)).once("SIGTERM", () => breakOff("broken off", 143));
process.exitCode = (await holds(plan)) ? 0 : 1;
if (process.exitCode === 1) {
  const smallest = isShort ? plan : await smallestThatFails(plan, async each => !(await holds(each)), shrinkRunsMax);
  if (isShort) console.log("--short looks for no smaller plan: run the seed without it for that");
  console.log(`the smallest plan that fails (seed ${seed}):`);
  for (const fault of smallest.faults) console.log(lineOf(fault));
}

function breakOff(why: string, code: number): void {
  console.log(why);
  void closeWorlds().finally(() => process.exit(code));
}

async function holds(each: Plan): Promise<boolean> {
  const startedMs = performance.now();
  const elapsed = () => `[${((performance.now() - startedMs) / 1_000).toFixed(1)} s]`;
  const trial = await playPlan(each, isShort ? convergeMaxMs.short : convergeMaxMs.long, line =>
    console.log(`${elapsed()} ${line}`),
  );
  const { payments, heard, convergedS, problems } = trial;
  console.log(`${elapsed()} ${payments} payments, ${heard} events heard, at rest ${convergedS} s after the heal`);
  for (const problem of problems.slice(0, 40)) console.log(`  ${problem}`);
  if (problems.length > 40) console.log(`  and ${problems.length - 40} more`);
  console.log(problems.length === 0 ? "everything held" : `${problems.length} things did not hold`);
  return problems.length === 0;
}

function print({ faults }: Plan): void {
  console.log("plan:");
  for (const fault of faults) console.log(lineOf(fault));
  console.log("");
}

function options(): { seed: number; isShort: boolean } {
  try {
    const { values } = parseArgs({ options: { seed: { type: "string" }, short: { type: "boolean" } } });
    const seed = Number(values.seed);
    if (values.seed === undefined || !Number.isSafeInteger(seed) || seed < 0) throw new Error("--seed needs a number");
    return { seed, isShort: values.short === true };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\nusage: npm run chaos -- --seed N [--short]`);
    process.exit(2);
  }
}
