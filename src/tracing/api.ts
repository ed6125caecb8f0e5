import { ROOT_CONTEXT, SpanKind } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import type { ApiDeps } from "../api/deps.ts";
import { idPrefixes } from "../domain/ids.ts";
import { served } from "./http.ts";
import type { Spans } from "./spans.ts";

/** Calls of the management API. Where the caller sent a `traceparent` its trace goes on. */
export function apiSpans(spans: Spans): Required<Pick<ApiDeps, "onCall">> {
  const propagator = new W3CTraceContextPropagator();
  return {
    onCall({ method, pattern, status, requestId, answeredId, header, ms }) {
      const { name, facts, errorType } = served(method, pattern === "unknown" ? null : pattern, status);
      spans.write({
        name,
        kind: SpanKind.SERVER,
        parent: { after: propagator.extract(ROOT_CONTEXT, header, { get: (get, key) => get(key), keys: () => [] }) },
        facts: { ...facts, "hakika.request_id": requestId, ...idFact(answeredId) },
        errorType,
        ms,
      });
    },
  };
}

/** `hakika.transaction_id` for `txn_…`. */
function idFact(publicId: string | null): Record<string, string> {
  const kind = publicId && Object.entries(idPrefixes).find(([, prefix]) => publicId.startsWith(prefix))?.[0];
  return kind ? { [`hakika.${kind.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)}_id`]: publicId! } : {};
}
