import { SpanKind } from "@opentelemetry/api";
import { publicId } from "../domain/ids.ts";
import type { TelemetryEvents } from "../telemetry/events.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { served } from "./http.ts";
import { linksMax, type Spans } from "./spans.ts";

const route = "/in/{provider}/{token}/{channel}";

/** Spans of requests to callback URLs, each the root of its callback's trace, and of the batches that were kept. */
export function receiveSpans(telemetry: Telemetry, spans: Spans): void {
  telemetry.subscribe("callback.answered", request => writeRequest(spans, request));
  telemetry.subscribe("callbacks.kept", batch => writeBatch(spans, batch));
}

function writeRequest(spans: Spans, request: TelemetryEvents["callback.answered"]): void {
  const { provider, channel, connectionId, callbackId, outcome, ms } = request;
  const { name, facts, errorType } = served(request.method, route, request.status);
  spans.write({
    name,
    kind: SpanKind.SERVER,
    parent: callbackId === null ? null : { of: callbackId },
    facts: {
      ...facts,
      "hakika.provider": provider,
      "hakika.channel": channel,
      "hakika.outcome": outcome,
      "hakika.connection_id": connectionId && publicId("connection", connectionId),
      "hakika.callback_id": callbackId && publicId("callback", callbackId),
    },
    errorType,
    ms,
  });
}

function writeBatch(spans: Spans, { batchId, to, callbacks, ms }: TelemetryEvents["callbacks.kept"]): void {
  spans.write({
    name: "keep callbacks",
    kind: to === "database" ? SpanKind.CLIENT : SpanKind.INTERNAL,
    parent: null,
    facts: {
      ...(to === "database" && { "db.system.name": "postgresql", "db.operation.batch.size": callbacks.length }),
      "hakika.to": to,
      "hakika.batch_id": batchId,
      "hakika.callbacks": callbacks.length,
    },
    links: callbacks.slice(0, linksMax).map(({ id }) => ({
      to: id,
      attributes: { "hakika.callback_id": publicId("callback", id) },
    })),
    ms,
  });
}
