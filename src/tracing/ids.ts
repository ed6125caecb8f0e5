import type { IdGenerator } from "@opentelemetry/sdk-trace";
import { RandomIdGenerator } from "@opentelemetry/sdk-trace";

/** The ids of a span. */
export type SpanIds = { traceId: string; spanId: string };

/**
 * The root span of a callback or an event: the trace is the 32 hex digits of its id, the span the last 16 of them, of
 * which 56 bits are random. So every process can compute both from the id (docs/adr/0010-callback-id-as-trace-id.md).
 */
export function idsOf(uuid: string): SpanIds {
  const traceId = uuid.replaceAll("-", "");
  return { traceId, spanId: traceId.slice(16) };
}

export type Ids = IdGenerator & {
  /** Sets the ids of the next span, which has to start in the same turn. The spans after it have random ids. */
  next(ids: SpanIds): void;
};

/** Random ids, except for the root spans of callbacks and events. */
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
