import { collectDefaultMetrics, Gauge, type Registry } from "prom-client";
import { version } from "../version.ts";

/** What every process shows of itself: memory, processor, event loop, garbage collection, and which program it is. */
export function processMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: "hakika_build_info",
    help: "1, with the program's version",
    labelNames: ["version"],
    registers: [registry],
  }).set({ version }, 1);
}
