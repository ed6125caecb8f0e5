import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type OutageDeps, startOutageWatch } from "../../src/receive/store/outage.ts";
import { silentLog } from "../support/silent-log.ts";

const gone = Object.assign(new Error("gone"), { code: "ECONNREFUSED" });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A watch whose passes over the spool end as `passes` says, in turn; afterwards the spool is empty. */
function watchWith(passes: (number | "unreadable" | Error)[], more: Partial<OutageDeps> = {}) {
  const seen: { isUnavailable: boolean }[] = [];
  const watch = startOutageWatch({
    database: { probe: async () => {}, replaceConnections() {} },
    catchUp: async () => {
      seen.push({ isUnavailable: watch.isUnavailable() });
      const pass = passes.shift() ?? 0;
      if (pass instanceof Error) throw pass;
      return pass;
    },
    log: silentLog,
    isSpoolEmpty: true,
    ...more,
  });
  const probe = () => vi.advanceTimersByTimeAsync(500);
  return { watch, seen, probe };
}

const during = { isUnavailable: true };
const after = { isUnavailable: false };

test("once a pass finds the spool empty, callbacks go to the database again, and a last pass follows", async () => {
  const { watch, seen, probe } = watchWith([3, 1, 0]);
  expect(watch.isUnavailable()).toBe(false);
  watch.begin(gone);
  await probe();
  expect(seen).toEqual([during, during, during, after]);
  expect([watch.isUnavailable(), vi.getTimerCount()]).toEqual([false, 0]);
});

test("callbacks that never pause end the outage after 11 passes", async () => {
  const { watch, seen, probe } = watchWith(Array(99).fill(1));
  watch.begin(gone);
  await probe();
  expect(seen).toEqual([...Array(11).fill(during), after]);
});

test("a database that fails again, also in the last pass, is unavailable, and is probed again", async () => {
  const { watch, seen, probe } = watchWith([gone, 2, 0, gone]);
  watch.begin(gone);
  await probe();
  expect([watch.isUnavailable(), seen.length]).toEqual([true, 1]);
  await probe();
  expect([watch.isUnavailable(), seen.length]).toEqual([true, 4]);
  await probe();
  expect([watch.isUnavailable(), seen.length, vi.getTimerCount()]).toEqual([false, 6, 0]);
});

test("an unreadable spool leaves the database available, and is tried again", async () => {
  const { watch, seen, probe } = watchWith(["unreadable", "unreadable", 4, 0]);
  watch.begin(gone);
  await probe();
  expect([watch.isUnavailable(), seen]).toEqual([false, [during, after]]);
  await probe();
  expect([watch.isUnavailable(), seen.length, vi.getTimerCount()]).toEqual([false, 5, 0]);
});

test("a spool with callbacks of an earlier process begins as an outage", async () => {
  const { watch, probe } = watchWith([1], { isSpoolEmpty: false });
  expect(watch.isUnavailable()).toBe(true);
  await probe();
  expect(watch.isUnavailable()).toBe(false);
});

test("a watch that is stopped probes no more", async () => {
  const { watch, seen, probe } = watchWith([]);
  watch.begin(gone);
  watch.stop();
  await probe();
  expect([seen, vi.getTimerCount()]).toEqual([[], 0]);
});
