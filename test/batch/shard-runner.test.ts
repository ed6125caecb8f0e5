import fc from "fast-check";
import { expect, test } from "vitest";
import { createShardRunner } from "../../src/batch/shard-runner.ts";

/** A run that ends lets the next one start in the turn after it. */
async function nextTurn(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise<void>(resolve => setImmediate(resolve));
}

/** Shards with numbered work. A run takes all the work of its shard when it starts, and ends when the test says so. */
function heldRuns(concurrencyMax: number) {
  const work = new Map<number, number[]>();
  const done: number[] = [];
  const started: number[] = [];
  const underWay: { shard: number; finish: () => void }[] = [];
  const runner = createShardRunner(concurrencyMax, shard => {
    expect(underWay.map(run => run.shard)).not.toContain(shard);
    expect(underWay.length).toBeLessThan(concurrencyMax);
    started.push(shard);
    const taken = work.get(shard)?.splice(0) ?? [];
    return new Promise<void>(resolve => {
      const finish = () => {
        underWay.splice(underWay.indexOf(run), 1);
        done.push(...taken);
        resolve();
      };
      const run = { shard, finish };
      underWay.push(run);
    });
  });
  const add = (shard: number, item: number) => {
    work.set(shard, [...(work.get(shard) ?? []), item]);
    runner.request(shard);
  };
  return { runner, add, underWay, started, done };
}

const requests = fc.array(fc.nat(6), { maxLength: 8 }).map(shards => ({ kind: "request" as const, shards }));
const finish = fc.nat().map(nth => ({ kind: "finish" as const, nth }));

test("a shard never has two runs at once, no request is lost, and no more than the maximum run at once", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.oneof(requests, finish), { maxLength: 40 }),
      async (concurrencyMax, steps) => {
        const { runner, add, underWay, done } = heldRuns(concurrencyMax);
        let items = 0;
        for (const step of steps) {
          if (step.kind === "request") for (const shard of step.shards) add(shard, items++);
          else underWay[step.nth % underWay.length]?.finish();
          await nextTurn();
        }
        for (; underWay.length > 0; await nextTurn()) underWay[0]!.finish();
        await runner.idle();
        expect(done.sort((a, b) => a - b)).toEqual([...Array(items).keys()]);
      },
    ),
  );
});

test("requests before a run starts are one run, and requests during it are one more", async () => {
  const { add, underWay, started } = heldRuns(2);
  for (const item of [1, 2, 3]) add(7, item);
  expect(started).toEqual([]);
  await nextTurn();
  expect(started).toEqual([7]);
  for (const item of [4, 5]) add(7, item);
  await nextTurn();
  expect(started).toEqual([7]);
  underWay[0]!.finish();
  await nextTurn();
  expect(started).toEqual([7, 7]);
});

test("shards run in the order of their requests", async () => {
  const { add, underWay, started } = heldRuns(1);
  for (const shard of [3, 1, 2]) add(shard, shard);
  for (let nth = 0; nth < 3; nth += 1) {
    await nextTurn();
    underWay[0]!.finish();
  }
  expect(started).toEqual([3, 1, 2]);
});

test("it is idle only once nothing runs and nothing is requested", async () => {
  const { runner, add, underWay } = heldRuns(1);
  await runner.idle();
  add(1, 1);
  add(2, 2);
  let isIdle = false;
  const idle = runner.idle().then(() => {
    isIdle = true;
  });
  await nextTurn();
  underWay[0]!.finish();
  await nextTurn();
  expect([isIdle, underWay.map(run => run.shard)]).toEqual([false, [2]]);
  underWay[0]!.finish();
  await idle;
});
