import type { Logger } from "pino";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { answerSpans } from "./answer.ts";
import { apiSpans } from "./api.ts";
import { deliverSpans } from "./deliver.ts";
import { startExport } from "./export.ts";
import { guard } from "./harmless.ts";
import { receiveSpans } from "./receive.ts";
import { reconcileSpans } from "./reconcile.ts";
import { settleSpans } from "./settle.ts";
import { createSpans } from "./spans.ts";
import type { TracingConfig } from "./variables.ts";

export type Tracing = ReturnType<typeof startTracing>;

/** What is told of the rooms' work, as spans for a collector. Loads OpenTelemetry: import it only where there is one (open.ts). */
export function startTracing(config: TracingConfig, telemetry: Telemetry, log: Logger) {
  const { tracer, ids, sampler, stop } = startExport(config, log);
  const spans = createSpans({ tracer, ids, sampler, now: Date.now });
  receiveSpans(telemetry, spans);
  settleSpans(telemetry, spans);
  deliverSpans(telemetry, spans);
  return {
    reconcile: guard(reconcileSpans(spans), log),
    answer: guard(answerSpans(spans), log),
    api: guard(apiSpans(spans), log),
    /** Hands over what waits, within a few seconds. Never rejects. */
    stop,
  };
}
