import type { Logger } from "pino";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { TracingConfig } from "./config.ts";
import type { Tracing } from "./tracing.ts";

/**
 * Starts tracing where a collector is configured; null otherwise. OpenTelemetry (9 MB, a quarter of a second) is loaded
 * only with a collector.
 */
export async function openTracing(
  config: TracingConfig | null,
  telemetry: Telemetry,
  log: Logger,
): Promise<Tracing | null> {
  if (config === null) return null;
  const { startTracing } = await import("./tracing.ts");
  return startTracing(config, telemetry, log);
}
