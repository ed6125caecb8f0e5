import { Gauge, type Registry } from "prom-client";
import type { Backlog } from "./backlog-store.ts";

/** What waits, or null where the database does not say so in time. */
export type BacklogView = () => Promise<Backlog | null>;

const freshMs = 5_000;
const timeoutMs = 2_000;

/** Looks at most every five seconds, once at a time, however many ask; an answer that does not come in 2 s is none. */
export function createBacklog(read: () => Promise<Backlog>, nowMs: () => number): BacklogView {
  let seen: { atMs: number; backlog: Backlog } | null = null;
  let looking: Promise<Backlog | null> | null = null;

  async function look(): Promise<Backlog | null> {
    try {
      const backlog = await read();
      seen = { atMs: nowMs(), backlog };
      return backlog;
    } catch {
      // The database is away; `hakika_database_away` and /readyz say so.
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

/** Shows what waits. Every process shows the same: take the maximum, not the sum. Without a database nothing is shown. */
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
        // A gauge without labels would say 0 after a reset.
        else if (labelNames.length === 0) this.remove();
        else this.reset();
      },
    });
  const plain = (name: string, help: string, pick: (backlog: Backlog) => number) =>
    gauge(name, help, [], (of, backlog) => of.set(pick(backlog)));

  gauge("hakika_queue_depth", "Rows of a queue, counted up to 20000", ["queue"], (of, { queues }) => {
    for (const [queue, { depth }] of Object.entries(queues)) of.set({ queue }, depth);
  });
  const oldestHelp = "For how long the work that has been due longest has been due";
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
  plain("hakika_workers_alive", "Workers whose hearts beat", b => b.workers);
}
