import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { Telemetry } from "../telemetry/telemetry.ts";

const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15];

/** Counts attempts and outcomes. `count` is read at each scrape. */
export function deliverMetrics(
  registry: Registry,
  telemetry: Telemetry,
  count: () => { inFlight: number; openBreakers: number },
): void {
  const registers = [registry];
  const attempts = new Histogram({
    name: "hakika_delivery_attempt_seconds",
    help: "Duration of attempts at merchants' endpoints by outcome",
    labelNames: ["outcome"],
    buckets,
    registers,
  });
  const outcomes = new Counter({
    name: "hakika_delivery_outcomes_total",
    help: "Recorded outcomes of attempts: delivered, retry, failed (no more retries), unsent",
    labelNames: ["outcome"],
    registers,
  });
  const lost = new Counter({
    name: "hakika_delivery_leases_lost_total",
    help: "Outcomes that were not recorded because their leases had expired",
    registers,
  });
  const disabled = new Counter({
    name: "hakika_endpoints_disabled_total",
    help: "Endpoints that the program disabled",
    labelNames: ["reason"],
    registers,
  });
  new Gauge({
    name: "hakika_deliveries_in_flight",
    help: "Attempts that are running",
    registers,
    collect() {
      this.set(count().inFlight);
    },
  });
  new Gauge({
    name: "hakika_endpoints_breaker_open",
    help: "Endpoints with an open circuit breaker: one attempt at a time",
    registers,
    collect() {
      this.set(count().openBreakers);
    },
  });
  telemetry.subscribe("delivery.attempted", ({ outcome, ms }) => attempts.observe({ outcome }, ms / 1000));
  telemetry.subscribe("delivery.recorded", ({ outcome }) => outcomes.inc({ outcome }));
  telemetry.subscribe("delivery.lease_lost", event => lost.inc(event.count));
  telemetry.subscribe("endpoint.disabled", ({ reason }) => disabled.inc({ reason }));
}
