import { ExportResultCode } from "@opentelemetry/core";
import type { SpanExporter } from "@opentelemetry/sdk-trace";
import type { Logger } from "pino";
import { logOnChange } from "../batch/log-on-change.ts";

/**
 * Logs once that the collector is unavailable, and once that it is available again, however many batches are lost in
 * between.
 */
export function logCollectorOutage(exporter: SpanExporter, log: Logger): SpanExporter {
  const exporting = logOnChange(
    error => log.warn({ problem: problemOf(error) }, "trace collector unavailable: spans are lost"),
    () => log.info("trace collector available again"),
  );
  return {
    export(spans, done) {
      exporter.export(spans, result => {
        if (result.code === ExportResultCode.SUCCESS) exporting.succeeded();
        else exporting.failed(result.error);
        done(result);
      });
    },
    forceFlush: async () => await exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}

/** Not the collector's message, which may repeat the spans. */
function problemOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: string };
  return typeof code === "string" || typeof code === "number" ? `${code}` : (name ?? "unknown");
}
