import { SpanKind } from "@opentelemetry/api";
import type { AnswerDeps } from "../answer/answer-deps.ts";
import { publicId } from "../domain/ids.ts";
import type { Spans } from "./spans.ts";

/** Answers within the call, in the trace of the callback that asked. */
export function answerSpans(spans: Spans): Required<Pick<AnswerDeps, "observe">> {
  return {
    observe(provider, channel, by, seconds, { connection, callback }) {
      spans.write({
        name: "answer",
        kind: SpanKind.INTERNAL,
        parent: { under: callback.id },
        facts: {
          "hakika.provider": provider,
          "hakika.channel": channel,
          "hakika.answered_by": by,
          "hakika.connection_id": publicId("connection", connection.id),
          "hakika.callback_id": publicId("callback", callback.id),
        },
        ms: seconds * 1000,
      });
    },
  };
}
