import { Counter, type Registry } from "prom-client";
import { type LimitName, limits } from "../telemetry/limits.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

/** Counts what limits turned away. Every limit has a series from the start, so that its first time is a rise. */
export function limitMetrics(registry: Registry, telemetry: Telemetry): void {
  const reached = new Counter({
    name: "hakika_limit_reached_total",
    help: "Calls, callbacks and connections that a limit turned away",
    labelNames: ["limit"],
    registers: [registry],
  });
  for (const limit of Object.keys(limits) as LimitName[]) reached.inc({ limit }, 0);
  telemetry.subscribe("limit.reached", ({ limit }) => reached.inc({ limit }));
}
