import { Counter, type Registry } from "prom-client";
import type { Telemetry } from "../telemetry/telemetry.ts";

/** Counts statements that the database refuses whatever their values are: faults of the program. */
export function databaseMetrics(registry: Registry, telemetry: Telemetry): void {
  const refused = new Counter({
    name: "hakika_statements_refused_total",
    help: "Statements that the database refused whatever their values: a fault of the program",
    labelNames: ["code"],
    registers: [registry],
  });
  telemetry.subscribe("statement.refused", ({ code }) => refused.inc({ code }));
}
