import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RecordBatch } from "../../src/receive/store/callback-record.ts";
import { createKeeper } from "../../src/receive/store/inbox-writer.ts";
import { silentLog } from "../support/silent-log.ts";
import { silentTelemetry } from "../support/silent-telemetry.ts";
import { record } from "./record.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a database that does not answer for 3 s counts as away: the batch is spooled, and another way is tried", async () => {
  const spooled: RecordBatch[] = [];
  let silences = 0;
  const never = () => new Promise<void>(() => {});
  const keeper = createKeeper({
    write: never,
    probe: never,
    spool: {
      append: async batch => void spooled.push(batch),
      drain: async () => 0,
      setAside: async () => {},
      bytes: () => 0,
      close: async () => {},
    },
    log: silentLog,
    onKept: () => {},
    telemetry: silentTelemetry,
    onTimeout: () => {
      silences += 1;
    },
  });
  const kept = keeper.keep(record("a"));
  await new Promise(resolve => setImmediate(resolve));
  await vi.advanceTimersByTimeAsync(2_999);
  expect(spooled).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(await kept).toBe("kept");
  expect([spooled.length, silences, keeper.isAway()]).toEqual([1, 1, true]);
  // What comes now does not wait.
  expect(await keeper.keep(record("b"))).toBe("kept");
  // The probe waits for 3 s as well, and then another way is tried again.
  await vi.advanceTimersByTimeAsync(3_500);
  expect(silences).toBe(2);
  await keeper.drain();
});
