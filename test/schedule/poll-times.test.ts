import fc from "fast-check";
import { expect, test } from "vitest";
import { endStatusAt, endTimeOf, isScheduled, nextPollTime, pollTimesOf } from "../../src/schedule/poll-times.ts";

const createdAt = new Date("2026-03-01T00:00:00.000Z");
const after = (seconds: number) => new Date(createdAt.getTime() + seconds * 1000);
const pending = { createdAt, expiresAt: null, status: "pending" } as const;
const defaults = pollTimesOf({});

test("by default the first poll is after 30 s, and the last one an hour before giving up at 48 h", () => {
  expect(nextPollTime(pending, defaults, after(0))).toEqual(after(30));
  expect(defaults.pollAfterS).toEqual([
    30, 60, 90, 120, 180, 300, 600, 1800, 3600, 10800, 21600, 43200, 86400, 129600, 169200,
  ]);
  expect(nextPollTime(pending, defaults, after(169_200))).toEqual(after(172_800));
});

test("missed poll times are not caught up", () => {
  expect(nextPollTime(pending, defaults, after(4000))).toEqual(after(10_800));
});

test("a connection's own poll times apply, in any order, up to its time to give up", () => {
  const times = pollTimesOf({ reconcile: { schedule_s: [20, 5, 100], give_up_after_s: 50 } });
  expect([0, 5, 20].map(s => nextPollTime(pending, times, after(s)))).toEqual([after(5), after(20), after(50)]);
  expect(endStatusAt(pending, times, after(49))).toBeNull();
  expect(endStatusAt(pending, times, after(50))).toBe("unresolved");
});

test("a transaction ends at its expiry, even one that is unresolved already", () => {
  const soon = { ...pending, expiresAt: after(45) };
  expect(nextPollTime(soon, defaults, after(31))).toEqual(after(45));
  expect(endTimeOf(soon, defaults)).toEqual(after(45));
  expect(endStatusAt(soon, defaults, after(45))).toBe("expired");
  const late = { ...pending, expiresAt: after(200_000), status: "unresolved" } as const;
  expect(nextPollTime(late, defaults, after(180_000))).toEqual(after(200_000));
  expect(endStatusAt(late, defaults, after(180_000))).toBeNull();
  expect(isScheduled({ ...late, mergedInto: null })).toBe(true);
  expect(isScheduled({ ...late, expiresAt: null, mergedInto: null })).toBe(false);
});

test("whatever the poll times, the next poll is after now and not after the end", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 1000 }), { maxLength: 6 }),
      fc.integer({ min: 1, max: 1200 }),
      fc.option(fc.integer({ min: 1, max: 1500 })),
      fc.integer({ min: 0, max: 2000 }),
      (schedule_s, give_up_after_s, expires, elapsed) => {
        const times = pollTimesOf({ reconcile: { schedule_s, give_up_after_s } });
        const t = { ...pending, expiresAt: expires === null ? null : after(expires) };
        const due = nextPollTime(t, times, after(elapsed));
        expect(due.getTime()).toBeLessThanOrEqual(endTimeOf(t, times).getTime());
        if (endTimeOf(t, times) > after(elapsed)) expect(due.getTime()).toBeGreaterThan(after(elapsed).getTime());
      },
    ),
  );
});
