import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { Telemetry } from "../telemetry/telemetry.ts";

const rowBuckets = [1, 2, 5, 10, 20, 50, 100, 200, 500];
const secondBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3];

/** What the gauges read at each scrape. */
type ReceiveState = { spoolBytes: () => number; isDatabaseUnavailable: () => boolean };

/**
 * Counts requests to callback URLs and the batches that were kept. A URL without a connection counts as `unknown`:
 * with the names that its sender chose, each guess would be a new series.
 */
export function receiveMetrics(registry: Registry, telemetry: Telemetry, state: ReceiveState): void {
  const registers = [registry];
  const callbacks = new Counter({
    name: "hakika_callbacks_total",
    help: "Requests to callback URLs by outcome",
    labelNames: ["provider", "channel", "outcome"],
    registers,
  });
  const wrongReceivers = new Counter({
    name: "hakika_callbacks_wrong_receiver_total",
    help: "Callbacks in quarantine because they are for another receiver than their connection's",
    labelNames: ["provider", "channel"],
    registers,
  });
  const rows = new Histogram({
    name: "hakika_commit_batch_rows",
    help: "Callbacks in one commit, or in one sync of the spool",
    labelNames: ["to"],
    buckets: rowBuckets,
    registers,
  });
  const seconds = new Histogram({
    name: "hakika_commit_seconds",
    help: "Time to write a batch of callbacks to disk",
    labelNames: ["to"],
    buckets: secondBuckets,
    registers,
  });
  new Gauge({
    name: "hakika_spool_bytes",
    help: "Size of the callbacks in the spool, which are not in the database yet",
    registers,
    collect() {
      this.set(state.spoolBytes());
    },
  });
  new Gauge({
    name: "hakika_database_away",
    help: "1 while the database is unavailable and callbacks go to the spool",
    registers,
    collect() {
      this.set(state.isDatabaseUnavailable() ? 1 : 0);
    },
  });
  telemetry.subscribe("callback.answered", ({ provider, channel, outcome }) =>
    callbacks.inc({ provider: provider ?? "unknown", channel: channel ?? "unknown", outcome }),
  );
  telemetry.subscribe("callback.wrong_receiver", ({ provider, channel }) => wrongReceivers.inc({ provider, channel }));
  telemetry.subscribe("callbacks.kept", batch => {
    rows.observe({ to: batch.to }, batch.callbacks.length);
    seconds.observe({ to: batch.to }, batch.ms / 1000);
  });
}
