import { ROOT_CONTEXT, SpanKind } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { idPrefixes } from "../domain/ids.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { served } from "./http.ts";
import type { Spans } from "./spans.ts";

/** Spans of calls of the management API. A call with a `traceparent` continues its caller's trace. */
export function apiSpans(telemetry: Telemetry, spans: Spans): void {
  const propagator = new W3CTraceContextPropagator();
  const getter = { get: (headers: Readonly<Record<string, string>>, name: string) => headers[name], keys: Object.keys };
  telemetry.subscribe("api.answered", ({ method, pattern, status, requestId, answeredId, traceHeaders, ms }) => {
    const { name, facts, errorType } = served(method, pattern === "unknown" ? null : pattern, status);
    spans.write({
      name,
      kind: SpanKind.SERVER,
      parent: { after: propagator.extract(ROOT_CONTEXT, traceHeaders, getter) },
      facts: { ...facts, "hakika.request_id": requestId, ...idFact(answeredId) },
      errorType,
      ms,
    });
  });
}

/** `hakika.transaction_id` for `txn_…`. */
function idFact(publicId: string | null): Record<string, string> {
  const kind = publicId && Object.entries(idPrefixes).find(([, prefix]) => publicId.startsWith(prefix))?.[0];
  return kind ? { [`hakika.${kind.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)}_id`]: publicId! } : {};
}
