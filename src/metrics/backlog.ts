import { Gauge, type Registry } from "prom-client";
import type { Backlog } from "./backlog-store.ts";

/** The backlog; null where the database does not answer in 2 s. */
export type BacklogView = () => Promise<Backlog | null>;

const freshMs = 5_000;
const timeoutMs = 2_000;

/** Reads the backlog at most every 5 s, and once at a time, for all who ask. `nowMs` is monotonic. */
export function createBacklog(read: () => Promise<Backlog>, nowMs: () => number): BacklogView {
  let seen: { atMs: number; backlog: Backlog } | null = null;
  let looking: Promise<Backlog | null> | null = null;

  async function look(): Promise<Backlog | null> {
    try {
      const backlog = await read();
      seen = { atMs: nowMs(), backlog };
      return backlog;
    } catch {
      // The database is unavailable: `hakika_database_away` and /readyz report it.
      return null;
    } finally {
      looking = null;
    }
  }

  return async () => {
    if (seen !== null && nowMs() - seen.atMs < freshMs) return seen.backlog;
    looking ??= look();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>(resolve => {
      timer = setTimeout(() => resolve(null), timeoutMs);
    });
    const answer = await Promise.race([looking, late]);
    clearTimeout(timer);
    return answer;
  };
}

/**
 * Gauges of the backlog. Every process shows the same numbers: take the maximum, not the sum. While the database is
 * unavailable the gauges are left out.
 */
export function backlogMetrics(registry: Registry, view: BacklogView): void {
  const gauge = (name: string, help: string, labelNames: string[], set: (of: Gauge, backlog: Backlog) => void) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        const backlog = await view();
        if (backlog !== null) set(this, backlog);
        // A gauge without labels would show 0 after a reset.
        else if (labelNames.length === 0) this.remove();
        else this.reset();
      },
    });
  const plain = (name: string, help: string, pick: (backlog: Backlog) => number) =>
    gauge(name, help, [], (of, backlog) => of.set(pick(backlog)));

  gauge("hakika_queue_depth", "Rows of a queue, counted up to 20000", ["queue"], (of, { queues }) => {
    for (const [queue, { depth }] of Object.entries(queues)) of.set({ queue }, depth);
  });
  const oldestHelp = "How long the oldest due row of a queue has been due";
  gauge("hakika_queue_oldest_seconds", oldestHelp, ["queue"], (of, { queues }) => {
    for (const [queue, { oldestS }] of Object.entries(queues)) of.set({ queue }, oldestS);
  });
  plain("hakika_callbacks_quarantined", "Callbacks in quarantine, counted up to 20000", b => b.quarantined);
  plain(
    "hakika_connections_breaker_open",
    "Connections whose status calls failed five times in a row",
    b => b.breakersOpen,
  );
  plain("hakika_connections_paused", "Connections whose status calls are paused", b => b.paused);
  plain("hakika_workers_alive", "Workers with a heartbeat in the last 30 s", b => b.workers);
}
