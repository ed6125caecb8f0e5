import { Counter, Histogram, type Registry } from "prom-client";
import type { ReconcileDeps } from "../reconcile/deps.ts";

const secondBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];

/** What asking providers counts: questions by what they came to, and pauses of connections. */
export function reconcileMetrics(registry: Registry): Required<Pick<ReconcileDeps, "onAsked" | "onPaused">> {
  const registers = [registry];
  const asked = new Histogram({
    name: "hakika_poll_seconds",
    help: "Questions to providers' status calls by what they came to",
    labelNames: ["provider", "outcome"],
    buckets: secondBuckets,
    registers,
  });
  const paused = new Counter({
    name: "hakika_poll_pauses_total",
    help: "Times a connection was paused: throttled, errors in a row, refused credentials",
    labelNames: ["provider", "reason"],
    registers,
  });
  return {
    onAsked: (provider, outcome, ms) => asked.observe({ provider, outcome }, ms / 1000),
    onPaused: (provider, reason) => paused.inc({ provider, reason }),
  };
}
