import { describe, expect, it } from "vitest";
import { Alarms } from "../../src/console/pages/alarms.tsx";
import type { Backlog } from "../../src/metrics/backlog-store.ts";

describe("alarms", () => {
  const quiet = { depth: 0, oldestS: 0 };
  const healthy: Backlog = {
    queues: { inbox: quiet, delivery: quiet, poll: quiet },
    quarantined: 0,
    breakersOpen: 0,
    paused: 0,
    endpointsFailing: 0,
    workers: 1,
  };
  const alarms = (backlog: Backlog | null, bytes = 0, isDatabaseUnavailable = false) =>
    String(Alarms({ backlog, spool: { bytes, isDatabaseUnavailable } }));

  it("are absent while all queues are processed in time", () => {
    expect(alarms(healthy)).toMatch(/^<p class="notice success".*in time\.<\/p>$/);
  });

  it("name the spool, an unavailable database, missing workers, and the oldest entry of each queue", () => {
    expect(alarms(null, 5_000_000, true)).toMatch(/5 MiB of callbacks are in the spool.*The database is unavailable/);
    const late = { depth: 7, oldestS: 300 };
    const failing = alarms({
      ...healthy,
      workers: 0,
      queues: { inbox: late, delivery: late, poll: late },
      endpointsFailing: 2,
      paused: 1,
    });
    for (const words of [
      "No worker is alive",
      "Unread callbacks: the oldest is overdue by 5 min",
      "Queued deliveries",
      "Due polls",
      "Failing: 2 endpoints",
      "Polling paused: 1 connection.",
    ]) {
      expect(failing).toContain(words);
    }
  });
});
