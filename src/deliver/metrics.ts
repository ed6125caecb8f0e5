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

/** What delivering counts; nothing where there is no registry. */
export function deliverMetrics(
  registry: Registry | null,
  count: () => { inFlight: number; openBreakers: number },
): DeliverMetrics {
  if (registry === null) return { attempted() {}, recorded() {}, leaseLost() {}, disabled() {} };
  const registers = [registry];
  const attempts = new Histogram({
    name: "hakika_delivery_attempt_seconds",
    help: "Attempts at merchants' endpoints by what they came to",
    labelNames: ["outcome"],
    buckets,
    registers,
  });
  const outcomes = new Counter({
    name: "hakika_delivery_outcomes_total",
    help: "Outcomes recorded: delivered, retry, failed for good, unsent",
    labelNames: ["outcome"],
    registers,
  });
  const lost = new Counter({
    name: "hakika_delivery_leases_lost_total",
    help: "Outcomes that were not recorded because the lease was another's by then",
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
    help: "Attempts running",
    registers,
    collect() {
      this.set(count().inFlight);
    },
  });
  new Gauge({
    name: "hakika_endpoints_breaker_open",
    help: "Endpoints that get one probe at a time",
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
