import type { Logger } from "pino";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { answerSpans } from "./answer.ts";
import { apiSpans } from "./api.ts";
import type { TracingConfig } from "./config.ts";
import { deliverSpans } from "./deliver.ts";
import { startExport } from "./export.ts";
import { receiveSpans } from "./receive.ts";
import { reconcileSpans } from "./reconcile.ts";
import { settleSpans } from "./settle.ts";
import { createSpans } from "./spans.ts";

export type Tracing = ReturnType<typeof startTracing>;

/**
 * Writes spans of the program's events for a collector. Loads OpenTelemetry: open.ts imports it only with a collector.
 */
export function startTracing(config: TracingConfig, telemetry: Telemetry, log: Logger) {
  const { tracer, ids, sampler, stop } = startExport(config, log);
  const spans = createSpans({ tracer, ids, sampler, now: Date.now });
  for (const subscribe of [receiveSpans, settleSpans, deliverSpans, reconcileSpans, answerSpans, apiSpans]) {
    subscribe(telemetry, spans);
  }
  return {
    /** Sends the spans that wait, within a few seconds. Never rejects. */
    stop,
  };
}
