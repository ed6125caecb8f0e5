import { Gauge, Histogram, type Registry } from "prom-client";
import type { AnswerDeps } from "../answer/answer-deps.ts";

const secondBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** What answering within the call counts: by whom, and how long the provider waited. */
export function answerMetrics(
  registry: Registry,
  now: { openBreakers: () => number },
): Required<AnswerDeps>["observe"] {
  const registers = [registry];
  const answers = new Histogram({
    name: "hakika_answer_seconds",
    help: "Answers within the call by who gave them",
    labelNames: ["provider", "channel", "by"],
    buckets: secondBuckets,
    registers,
  });
  new Gauge({
    name: "hakika_answer_breaker_open",
    help: "Merchants' answering URLs that are not asked at the moment, because they did not answer",
    registers,
    collect() {
      this.set(now.openBreakers());
    },
  });
  return (provider, channel, by, seconds) => answers.observe({ provider, channel, by }, seconds);
}
