import { Gauge, Histogram, type Registry } from "prom-client";
import type { Telemetry } from "../telemetry/telemetry.ts";

const secondBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Counts answers to validations and USSD screens. `openBreakers` is read at each scrape. */
export function answerMetrics(registry: Registry, telemetry: Telemetry, openBreakers: () => number): void {
  const registers = [registry];
  const answers = new Histogram({
    name: "hakika_answer_seconds",
    help: "Time to answer a validation or a USSD screen by who decided: rule, merchant, fallback",
    labelNames: ["provider", "channel", "by"],
    buckets: secondBuckets,
    registers,
  });
  new Gauge({
    name: "hakika_answer_breaker_open",
    help: "Merchants' answering URLs with an open circuit breaker: the fallback answers",
    registers,
    collect() {
      this.set(openBreakers());
    },
  });
  telemetry.subscribe("decision.answered", ({ provider, channel, by, ms }) =>
    answers.observe({ provider, channel, by }, ms / 1000),
  );
}
