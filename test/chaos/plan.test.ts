import { expect, test } from "vitest";
import { lineOf, type Plan, planOf } from "../../chaos/plan.ts";
import { smallestThatFails } from "../../chaos/shrink.ts";

const seeds = Array.from({ length: 200 }, (_, seed) => seed);

test("a plan follows from its seed alone", () => {
  for (const seed of seeds) expect(planOf(seed, false)).toEqual(planOf(seed, false));
  expect(planOf(1, true).faults.map(lineOf)).toEqual(planOf(1, true).faults.map(lineOf));
  expect(new Set(seeds.map(seed => JSON.stringify(planOf(seed, true).faults))).size).toBe(seeds.length);
});

test("every kind of fault is drawn, in the order of time, and each is one line", () => {
  const faults = seeds.flatMap(seed => planOf(seed, false).faults);
  expect(new Set(faults.map(({ kind }) => kind)).size).toBe(14);
  for (const { faults } of seeds.map(seed => planOf(seed, true))) {
    expect(faults.length).toBe(8);
    expect(faults.map(({ atS }) => atS)).toEqual(faults.map(({ atS }) => atS).sort((a, b) => a - b));
    for (const fault of faults) expect(lineOf(fault)).toMatch(/^\d+ s: \S[^\n]+$/);
  }
});

test("what fails is narrowed down to the faults that it needs, in so many runs at most", async () => {
  const plan = planOf(3, false);
  const needed = [plan.faults[2], plan.faults[7]];
  let runs = 0;
  const fails = async ({ faults }: Plan) => {
    runs += 1;
    return needed.every(each => faults.includes(each!));
  };
  expect((await smallestThatFails(plan, fails, 100)).faults).toEqual(needed);
  expect(runs).toBe(plan.faults.length);
  runs = 0;
  expect((await smallestThatFails(plan, fails, 3)).faults).toHaveLength(plan.faults.length - 2);
  expect(runs).toBe(3);
});
