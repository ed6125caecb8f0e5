import type { Logger } from "pino";
import { createTelemetry, type Telemetry } from "../telemetry/telemetry.ts";
import type { TracingConfig } from "../tracing/config.ts";
import { openTracing } from "../tracing/open.ts";
import type { Tracing } from "../tracing/tracing.ts";
import { logEvents } from "./event-log.ts";
import type { Service } from "./service-list.ts";

/** The program's events, with the log as their first subscriber. */
export function telemetryService(log: Logger): Service<Telemetry> {
  return {
    name: "telemetry",
    start() {
      const telemetry = createTelemetry(log);
      logEvents(log, telemetry);
      return telemetry;
    },
    stop: telemetry => telemetry.end(),
  };
}

/** Traces for a collector; null without one. */
export function tracingService(
  config: TracingConfig | null,
  telemetry: Telemetry,
  log: Logger,
): Service<Tracing | null> {
  return {
    name: "tracing",
    start: () => openTracing(config, telemetry, log),
    stop: tracing => tracing?.stop(),
  };
}
