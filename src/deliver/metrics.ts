import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { RecordedOutcome } from "./attempt/record-store.ts";
import type { DisableReason } from "./commands/disable.ts";

export type DeliverMetrics = {
  attempted(kind: "delivered" | "failed" | "gone" | "unsent", latencyMs: number): void;
  recorded(kind: RecordedOutcome["kind"]): void;
  leaseLost(count: number): void;
  disabled(reason: DisableReason): void;
};

const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15];

/** The counters of delivering; without a registry they do nothing. */
export function deliverMetrics(
  registry: Registry | null,
  count: () => { inFlight: number; openBreakers: number },
): DeliverMetrics {
  if (registry === null) return { attempted() {}, recorded() {}, leaseLost() {}, disabled() {} };
  const registers = [registry];
  const attempts = new Histogram({
    name: "hakika_delivery_attempt_seconds",
    help: "Attempts at merchants' endpoints, by outcome",
    labelNames: ["outcome"],
    buckets,
    registers,
  });
  const outcomes = new Counter({
    name: "hakika_delivery_outcomes_total",
    help: "Recorded outcomes of attempts: delivered, retry, failed for good, unsent",
    labelNames: ["outcome"],
    registers,
  });
  const lost = new Counter({
    name: "hakika_delivery_leases_lost_total",
    help: "Outcomes dropped because the lease was lost before they were recorded",
    registers,
  });
  const disabled = new Counter({
    name: "hakika_endpoints_disabled_total",
    help: "Endpoints disabled by the program itself",
    labelNames: ["reason"],
    registers,
  });
  new Gauge({
    name: "hakika_deliveries_in_flight",
    help: "Attempts under way",
    registers,
    collect() {
      this.set(count().inFlight);
    },
  });
  new Gauge({
    name: "hakika_endpoints_breaker_open",
    help: "Endpoints whose circuit breaker is open: they get one probe at a time",
    registers,
    collect() {
      this.set(count().openBreakers);
    },
  });
  return {
    attempted: (outcome, latencyMs) => attempts.observe({ outcome }, latencyMs / 1000),
    recorded: outcome => outcomes.inc({ outcome }),
    leaseLost: number => lost.inc(number),
    disabled: reason => disabled.inc({ reason }),
  };
}
