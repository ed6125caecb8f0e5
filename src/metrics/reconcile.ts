import { Counter, Histogram, type Registry } from "prom-client";
import type { Telemetry } from "../telemetry/telemetry.ts";

const secondBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];

/** Counts status calls to providers, and pauses of connections. */
export function reconcileMetrics(registry: Registry, telemetry: Telemetry): void {
  const registers = [registry];
  const polls = new Histogram({
    name: "hakika_poll_seconds",
    help: "Duration of status calls to providers by outcome",
    labelNames: ["provider", "outcome"],
    buckets: secondBuckets,
    registers,
  });
  const pauses = new Counter({
    name: "hakika_poll_pauses_total",
    help: "Pauses of a connection's status calls: throttled, errors, credentials, stopped",
    labelNames: ["provider", "reason"],
    registers,
  });
  telemetry.subscribe("poll.finished", ({ provider, outcome, ms }) => polls.observe({ provider, outcome }, ms / 1000));
  telemetry.subscribe("connection.paused", ({ provider, reason }) => pauses.inc({ provider, reason }));
}
