import { SpanKind } from "@opentelemetry/api";
import type { DeliverDeps } from "../deliver/deliver.ts";
import { publicId } from "../domain/ids.ts";
import { peerOf } from "./http.ts";
import type { Spans } from "./spans.ts";

/** Attempts at merchants' endpoints, in the trace of their event. What was not sent for a reason of ours is no attempt. */
export function deliverSpans(spans: Spans): Required<Pick<DeliverDeps, "onAttempt">> {
  return {
    onAttempt(endpoint, { deliveryId, eventId, orderKey, attempts }, verdict) {
      if (verdict.kind === "unsent") return;
      const { kind, status, latencyMs } = verdict;
      spans.write({
        name: "POST endpoint",
        kind: SpanKind.CLIENT,
        parent: { under: eventId },
        facts: {
          "http.request.method": "POST",
          "http.response.status_code": status,
          "http.request.resend_count": attempts > 0 ? attempts : null,
          ...peerOf(endpoint.url),
          "hakika.outcome": kind,
          "hakika.endpoint_id": publicId("endpoint", endpoint.id),
          "hakika.event_id": publicId("event", eventId),
          "hakika.delivery_id": publicId("delivery", deliveryId),
          // Where an event is about no transaction it is its own order.
          "hakika.transaction_id": orderKey === eventId ? null : publicId("transaction", orderKey),
        },
        errorType: kind === "delivered" ? null : status === null ? "no_answer" : String(status),
        ms: latencyMs,
      });
    },
  };
}
