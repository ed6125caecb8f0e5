import { collectDefaultMetrics, Gauge, type Registry } from "prom-client";
import { version } from "../version.ts";

/** Metrics of the process: memory, processor, event loop, garbage collection, and the program's version. */
export function processMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: "hakika_build_info",
    help: "Always 1; the label is the program's version",
    labelNames: ["version"],
    registers: [registry],
  }).set({ version }, 1);
}
