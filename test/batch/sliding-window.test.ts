import fc from "fast-check";
import { expect, test } from "vitest";
import { createSlidingWindow } from "../../src/batch/sliding-window.ts";

test("at most `max` events of a key fit in any period, and none is refused without need", () => {
  const gaps = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.constantFrom("a", "b")), { maxLength: 200 });
  fc.assert(
    fc.property(gaps, fc.integer({ min: 1, max: 5 }), (events, max) => {
      let nowMs = 0;
      const window = createSlidingWindow({ max, perMs: 100, keysMax: 10, nowMs: () => nowMs });
      const counted: Record<string, number[]> = { a: [], b: [] };
      for (const [gapMs, key] of events) {
        nowMs += gapMs;
        const recent = counted[key]!.filter(at => nowMs - at < 100);
        expect(window.fits(key)).toBe(recent.length < max);
        if (!window.fits(key)) continue;
        window.count(key);
        counted[key]!.push(nowMs);
      }
    }),
  );
});

test("the keys used last are remembered, others begin again", () => {
  const window = createSlidingWindow({ max: 1, perMs: 100, keysMax: 2, nowMs: () => 0 });
  for (const key of ["a", "b", "c"]) window.count(key);
  expect(["a", "b", "c"].map(key => window.fits(key))).toEqual([true, false, false]);
});
