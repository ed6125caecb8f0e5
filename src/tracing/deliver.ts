import { SpanKind } from "@opentelemetry/api";
import { publicId } from "../domain/ids.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { peerOf } from "./http.ts";
import type { Spans } from "./spans.ts";

/** Spans of attempts at merchants' endpoints, in the traces of their events. An attempt that was not sent has none. */
export function deliverSpans(telemetry: Telemetry, spans: Spans): void {
  telemetry.subscribe("delivery.attempted", attempt => {
    const { deliveryId, eventId, endpointId, transactionId, url, outcome, status, ms } = attempt;
    if (outcome === "unsent") return;
    spans.write({
      name: "POST endpoint",
      kind: SpanKind.CLIENT,
      parent: { under: eventId },
      facts: {
        "http.request.method": "POST",
        "http.response.status_code": status,
        "http.request.resend_count": attempt.attempt > 1 ? attempt.attempt - 1 : null,
        ...peerOf(url),
        "hakika.outcome": outcome,
        "hakika.endpoint_id": publicId("endpoint", endpointId),
        "hakika.event_id": publicId("event", eventId),
        "hakika.delivery_id": publicId("delivery", deliveryId),
        "hakika.transaction_id": transactionId && publicId("transaction", transactionId),
      },
      errorType: outcome === "delivered" ? null : status === null ? "no_answer" : String(status),
      ms,
    });
  });
}
