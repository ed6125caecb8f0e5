import { Histogram, type Registry } from "prom-client";
import type { Telemetry } from "../telemetry/telemetry.ts";

const callbackBuckets = [1, 2, 5, 10, 20, 50, 100];
const secondBuckets = [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Counts batches of callbacks that were read and settled. */
export function settleMetrics(registry: Registry, telemetry: Telemetry): void {
  const registers = [registry];
  const callbacks = new Histogram({
    name: "hakika_settle_batch_callbacks",
    help: "Callbacks settled in one batch",
    buckets: callbackBuckets,
    registers,
  });
  const seconds = new Histogram({
    name: "hakika_settle_batch_seconds",
    help: "Time from the claim of a batch to its commit",
    buckets: secondBuckets,
    registers,
  });
  telemetry.subscribe("batch.read", batch => {
    callbacks.observe(batch.callbacks.length);
    seconds.observe(batch.ms / 1000);
  });
}
