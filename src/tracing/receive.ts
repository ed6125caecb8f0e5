import { SpanKind } from "@opentelemetry/api";
import { publicId } from "../domain/ids.ts";
import type { ReceiveDeps } from "../receive/receive.ts";
import type { KeeperDeps } from "../receive/store/inbox-writer.ts";
import { served } from "./http.ts";
import { linksMax, type Spans } from "./spans.ts";

type ReceiveSpans = Required<Pick<ReceiveDeps, "onAnswered">> & { onBatch: NonNullable<KeeperDeps["onBatch"]> };

const route = "/in/{provider}/{token}/{channel}";

/** Requests to callback URLs, and the batches that keep what came. A callback's request begins its trace. */
export function receiveSpans(spans: Spans): ReceiveSpans {
  return {
    onAnswered({ method, status, to, outcome, callbackId, ms }) {
      const { name, facts, errorType } = served(method, route, status);
      spans.write({
        name,
        kind: SpanKind.SERVER,
        parent: callbackId === null ? null : { of: callbackId },
        facts: {
          ...facts,
          "hakika.provider": to?.connection.provider ?? null,
          "hakika.channel": to?.channelName ?? null,
          "hakika.outcome": outcome,
          "hakika.connection_id": to && publicId("connection", to.connection.id),
          "hakika.callback_id": callbackId && publicId("callback", callbackId),
        },
        errorType,
        ms,
      });
    },
    onBatch({ batchId, rows }, to, ms) {
      spans.write({
        name: "keep callbacks",
        kind: to === "database" ? SpanKind.CLIENT : SpanKind.INTERNAL,
        parent: null,
        facts: {
          ...(to === "database" && { "db.system.name": "postgresql", "db.operation.batch.size": rows.length }),
          "hakika.to": to,
          "hakika.batch_id": batchId,
          "hakika.callbacks": rows.length,
        },
        links: rows.slice(0, linksMax).map(({ record }) => ({
          to: record.id,
          attributes: { "hakika.callback_id": publicId("callback", record.id) },
        })),
        ms,
      });
    },
  };
}
