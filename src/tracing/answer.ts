import { SpanKind } from "@opentelemetry/api";
import { publicId } from "../domain/ids.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Spans } from "./spans.ts";

/** Spans of answers to validations and USSD screens, in the traces of their callbacks. */
export function answerSpans(telemetry: Telemetry, spans: Spans): void {
  telemetry.subscribe("decision.answered", ({ provider, channel, by, connectionId, callbackId, ms }) =>
    spans.write({
      name: "answer",
      kind: SpanKind.INTERNAL,
      parent: { under: callbackId },
      facts: {
        "hakika.provider": provider,
        "hakika.channel": channel,
        "hakika.answered_by": by,
        "hakika.connection_id": publicId("connection", connectionId),
        "hakika.callback_id": publicId("callback", callbackId),
      },
      ms,
    }),
  );
}
