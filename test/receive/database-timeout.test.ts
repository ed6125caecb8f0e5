import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RecordBatch } from "../../src/receive/store/callback-record.ts";
import { createInboxWriter } from "../../src/receive/store/inbox-writer.ts";
import { silentLog } from "../support/silent-log.ts";
import { silentTelemetry } from "../support/silent-telemetry.ts";
import { record } from "./callback-record.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a database that does not answer for 3 s is unavailable: batches are spooled, connections replaced", async () => {
  const spooled: RecordBatch[] = [];
  let timeouts = 0;
  const never = () => new Promise<never>(() => {});
  const inboxWriter = createInboxWriter({
    database: {
      write: never,
      probe: never,
      replaceConnections() {
        timeouts += 1;
      },
    },
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
  });
  const kept = inboxWriter.append(record("a"));
  await new Promise(resolve => setImmediate(resolve));
  await vi.advanceTimersByTimeAsync(2_999);
  expect(spooled).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(await kept).toBe("kept");
  expect([spooled.length, timeouts, inboxWriter.isDatabaseUnavailable()]).toEqual([1, 1, true]);
  // The next callback does not wait.
  expect(await inboxWriter.append(record("b"))).toBe("kept");
  // The probe also times out after 3 s.
  await vi.advanceTimersByTimeAsync(3_500);
  expect(timeouts).toBe(2);
  await inboxWriter.drain();
});
