import type { Logger } from "pino";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Tracing } from "./tracing.ts";
import type { TracingConfig } from "./variables.ts";

/** Traces, where a collector is configured. Otherwise null, and nothing of OpenTelemetry is loaded: 9 MB and a quarter of a second. */
export async function openTracing(
  config: TracingConfig | null,
  telemetry: Telemetry,
  log: Logger,
): Promise<Tracing | null> {
  if (config === null) return null;
  const { startTracing } = await import("./tracing.ts");
  return startTracing(config, telemetry, log);
}
