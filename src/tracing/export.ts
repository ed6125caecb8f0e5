import { setTimeout as pause } from "node:timers/promises";
import type { Tracer } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, type Sampler, TracerProvider } from "@opentelemetry/sdk-trace";
import type { Logger } from "pino";
import { userAgent, version } from "../version.ts";
import { logCollectorOutage } from "./collector-outage.ts";
import type { TracingConfig } from "./config.ts";
import { createIds, type Ids } from "./ids.ts";
import { samplersOf } from "./samplers.ts";
import { linksMax } from "./spans.ts";

/** Spans that wait for the collector, 1.2 KB each (measured), so 10 MB. Spans beyond this number are dropped. */
const spansWaitingMax = 8192;
const spansPerRequestMax = 512;
const everyMs = 2_000;
/** For one request, its retries included. */
const requestMs = 5_000;
/** Longer than `requestMs`, so that the exporter reports its own error first. */
const exportMs = 6_000;
/** For the spans that wait when the program stops. */
const flushMs = 3_000;
const spanLimits = { attributeCountLimit: 32, attributeValueLengthLimit: 512, linkCountLimit: linksMax } as const;

export type Export = {
  tracer: Tracer;
  ids: Ids;
  /** Decides by the trace's id alone. */
  sampler: Sampler;
  stop(): Promise<void>;
};

/** Sends spans to the collector. A collector that is unavailable or slow costs spans, and nothing else. */
export function startExport(config: TracingConfig, log: Logger): Export {
  const { url, headers, serviceName, resource } = config;
  const exporter = logCollectorOutage(
    new OTLPTraceExporter({ url, headers, timeoutMillis: requestMs, userAgent }),
    log,
  );
  const processor = new BatchSpanProcessor({
    exporter,
    maxQueueSize: spansWaitingMax,
    maxExportBatchSize: spansPerRequestMax,
    scheduledDelayMillis: everyMs,
    exportTimeoutMillis: exportMs,
  });
  const ids = createIds();
  const { sampler, ofRoots } = samplersOf(config);
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ ...resource, "service.name": serviceName, "service.version": version }),
    sampler,
    idGenerator: ids,
    spanLimits,
    spanProcessors: [processor],
  });
  return {
    tracer: provider.getTracer("hakika", version),
    ids,
    sampler: ofRoots,
    async stop() {
      await Promise.race([provider.shutdown().catch(() => {}), pause(flushMs, undefined, { ref: false })]);
    },
  };
}
