import { ExportResultCode } from "@opentelemetry/core";
import type { SpanExporter } from "@opentelemetry/sdk-trace";
import type { Logger } from "pino";

/** Says once that the collector takes no traces, and once that it takes them again, however many batches are lost between. */
export function logOnChange(exporter: SpanExporter, log: Logger): SpanExporter {
  let isAway = false;
  return {
    export(spans, done) {
      exporter.export(spans, result => {
        const failed = result.code !== ExportResultCode.SUCCESS;
        if (failed && !isAway)
          log.warn({ problem: problemOf(result.error) }, "the collector takes no traces: they are lost");
        if (!failed && isAway) log.info("the collector takes traces again");
        isAway = failed;
        done(result);
      });
    },
    forceFlush: async () => await exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}

/** Not the collector's own words: they may repeat what it was sent. */
function problemOf(error: (Error & { code?: unknown }) | undefined): string {
  const code = error?.code;
  return typeof code === "string" || typeof code === "number" ? `${code}` : (error?.name ?? "unknown");
}
