import type { Plan } from "./plan.ts";

/**
 * The smallest plan found that still fails, by leaving one fault out at a time, with at most `runsMax` runs. Begins
 * with the plan itself, which has failed.
 */
export async function smallestThatFails(
  plan: Plan,
  fails: (plan: Plan) => Promise<boolean>,
  runsMax: number,
): Promise<Plan> {
  let smallest = plan;
  let runs = 0;
  for (const fault of plan.faults) {
    if (runs >= runsMax) break;
    const without = { ...smallest, faults: smallest.faults.filter(each => each !== fault) };
    runs += 1;
    if (await fails(without)) smallest = without;
  }
  return smallest;
}
