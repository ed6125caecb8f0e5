import fc from "fast-check";
import { expect, test } from "vitest";
import { halve } from "../../src/batch/halve.ts";

const refusal = new Error("invalid item");
const unavailable = new Error("connection refused");

/** A database that refuses every batch with a bad item in it, and is unavailable from one write on. */
function database(bad: ReadonlySet<number>, unavailableFrom = Number.POSITIVE_INFINITY) {
  const seen = { writes: 0, written: [] as number[], refused: [] as number[] };
  const halving = {
    async write(items: number[]) {
      seen.writes += 1;
      if (seen.writes > unavailableFrom) throw unavailable;
      if (items.some(item => bad.has(item))) throw refusal;
      seen.written.push(...items);
    },
    async refuse(item: number, error: unknown) {
      expect(error).toBe(refusal);
      seen.refused.push(item);
    },
    isUnavailable: (error: unknown) => error === unavailable,
  };
  return { seen, halving };
}

const batchWithBad = fc.array(fc.boolean(), { maxLength: 200 }).map(flags => ({
  items: [...flags.keys()],
  bad: new Set([...flags.keys()].filter(at => flags[at])),
}));

test("exactly the bad items are refused, and the others are written once, in order", async () => {
  await fc.assert(
    fc.asyncProperty(batchWithBad, async ({ items, bad }) => {
      const { seen, halving } = database(bad);
      await halve(items, halving);
      expect(seen.refused).toEqual(items.filter(item => bad.has(item)));
      expect(seen.written).toEqual(items.filter(item => !bad.has(item)));
    }),
  );
});

test("k bad items among n cost at most 1 + 2k * ceil(log2 n) writes", async () => {
  await fc.assert(
    fc.asyncProperty(batchWithBad, async ({ items, bad }) => {
      const { seen, halving } = database(bad);
      await halve(items, halving);
      const depth = Math.ceil(Math.log2(Math.max(items.length, 1)));
      expect(seen.writes).toBeLessThanOrEqual(1 + 2 * bad.size * depth);
    }),
  );
});

test("an unavailable database ends it: nothing more is written, and no further item is refused", async () => {
  await fc.assert(
    fc.asyncProperty(batchWithBad, fc.nat(20), async ({ items, bad }, unavailableFrom) => {
      const whole = database(bad);
      await halve(items, whole.halving);
      fc.pre(whole.seen.writes > unavailableFrom);
      const { seen, halving } = database(bad, unavailableFrom);
      await expect(halve(items, halving)).rejects.toBe(unavailable);
      expect(seen.writes).toBe(unavailableFrom + 1);
      expect(whole.seen.written.slice(0, seen.written.length)).toEqual(seen.written);
      expect(whole.seen.refused.slice(0, seen.refused.length)).toEqual(seen.refused);
    }),
  );
});

test("an item that cannot be refused either fails the batch, and is not written again", async () => {
  const { seen, halving } = database(new Set([2]));
  const full = new Error("disk full");
  const refuse = () => Promise.reject(full);
  await expect(halve([1, 2, 3, 4], { ...halving, refuse })).rejects.toBe(full);
  expect(seen.written).toEqual([1]);
});
