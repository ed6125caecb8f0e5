import type { IdGenerator } from "@opentelemetry/sdk-trace";
import { RandomIdGenerator } from "@opentelemetry/sdk-trace";

/** The ids of a span. */
export type SpanIds = { traceId: string; spanId: string };

/**
 * The span that stands for a thing with an id: the trace is the id's 32 hex digits, the span its last 16, of which 56 bits are
 * random. So every process knows, without being told, where the story of a callback or an event is (docs/adr/0010).
 */
export function idsOf(uuid: string): SpanIds {
  const traceId = uuid.replaceAll("-", "");
  return { traceId, spanId: traceId.slice(16) };
}

export type Ids = IdGenerator & {
  /** The ids of the next span that is begun, in the same turn; random ones after it. */
  next(ids: SpanIds): void;
};

/** Random ids, but for spans that stand for a thing. */
export function createIds(): Ids {
  const random = new RandomIdGenerator();
  let traceId: string | null = null;
  let spanId: string | null = null;
  return {
    next(ids) {
      ({ traceId, spanId } = ids);
    },
    generateTraceId() {
      const given = traceId ?? random.generateTraceId();
      traceId = null;
      return given;
    },
    generateSpanId() {
      const given = spanId ?? random.generateSpanId();
      spanId = null;
      return given;
    },
  };
}
