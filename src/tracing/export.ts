import { setTimeout as pause } from "node:timers/promises";
import type { Tracer } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, type Sampler, TracerProvider } from "@opentelemetry/sdk-trace";
import type { Logger } from "pino";
import { userAgent, version } from "../version.ts";
import { logCollectorOutage } from "./collector-outage.ts";
import { createIds, type Ids } from "./ids.ts";
import { samplersOf } from "./samplers.ts";
import { linksMax } from "./spans.ts";
import type { TracingConfig } from "./variables.ts";

/** Spans that wait for the collector; what comes beyond them is dropped. 1.2 KB each (measured), so 10 MB. */
const spansWaitingMax = 8192;
const spansPerRequestMax = 512;
const everyMs = 2_000;
/** One request and what is tried again of it. */
const requestMs = 5_000;
/** A little longer, so that the exporter's own word comes first. */
const exportMs = 6_000;
/** For what waits when the program stops. */
const flushMs = 3_000;
const spanLimits = { attributeCountLimit: 32, attributeValueLengthLimit: 512, linkCountLimit: linksMax } as const;

export type Export = {
  tracer: Tracer;
  ids: Ids;
  /** Decides by a trace's id alone. */
  sampler: Sampler;
  stop(): Promise<void>;
};

/** Begins to hand spans to the collector. A collector that is away or slow costs spans, and nothing else. */
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
