import { Counter, Gauge, Histogram, type Registry } from "prom-client";

export type ReceiveMetrics = {
  count(provider: string, channel: string, outcome: string): void;
  /** `ms`: from the statement, or the write to the spool, to its answer. */
  kept(rows: number, to: "database" | "spool", ms: number): void;
};

const rowBuckets = [1, 2, 5, 10, 20, 50, 100, 200, 500];
const secondBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3];

/** What receiving counts. Provider and channel are names the program knows, never what a stranger wrote into a path. */
export function receiveMetrics(
  registry: Registry,
  now: { spoolBytes: () => number; isDatabaseAway: () => boolean },
): ReceiveMetrics {
  const registers = [registry];
  const callbacks = new Counter({
    name: "hakika_callbacks_total",
    help: "Requests to callback URLs that exist, by what was made of them",
    labelNames: ["provider", "channel", "outcome"],
    registers,
  });
  const rows = new Histogram({
    name: "hakika_commit_batch_rows",
    help: "Callbacks that shared one commit, or one sync of the spool",
    labelNames: ["to"],
    buckets: rowBuckets,
    registers,
  });
  const seconds = new Histogram({
    name: "hakika_commit_seconds",
    help: "Time until a batch of callbacks was on disk",
    labelNames: ["to"],
    buckets: secondBuckets,
    registers,
  });
  new Gauge({
    name: "hakika_spool_bytes",
    help: "Callbacks kept while the database was away that it does not have yet",
    registers,
    collect() {
      this.set(now.spoolBytes());
    },
  });
  new Gauge({
    name: "hakika_database_away",
    help: "1 while callbacks go to the spool",
    registers,
    collect() {
      this.set(now.isDatabaseAway() ? 1 : 0);
    },
  });
  return {
    count: (provider, channel, outcome) => callbacks.inc({ provider, channel, outcome }),
    kept(count, to, ms) {
      rows.observe({ to }, count);
      seconds.observe({ to }, ms / 1000);
    },
  };
}
