import { SpanKind } from "@opentelemetry/api";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { expect, test } from "vitest";
import { newUuid } from "../../src/domain/ids.ts";
import type { SamplerName } from "../../src/tracing/config.ts";
import { createIds } from "../../src/tracing/ids.ts";
import { samplersOf } from "../../src/tracing/samplers.ts";
import { createSpans, type SpanParent } from "../../src/tracing/spans.ts";

/** The tracing of one process. */
function processWith(sampler: SamplerName, ratio = 1) {
  const exporter = new InMemorySpanExporter();
  const ids = createIds();
  const samplers = samplersOf({ url: "", headers: {}, serviceName: "", resource: {}, sampler, ratio });
  const spanProcessors = [new SimpleSpanProcessor({ exporter })];
  const provider = new TracerProvider({ sampler: samplers.sampler, idGenerator: ids, spanProcessors });
  const tracer = provider.getTracer("test");
  const spans = createSpans({ tracer, ids, sampler: samplers.ofRoots, now: Date.now });
  return {
    write: (parent: SpanParent) => spans.write({ name: "x", kind: SpanKind.INTERNAL, parent, facts: {}, ms: 1 }),
    traces: () => exporter.getFinishedSpans().map(span => span.spanContext().traceId),
    spans: () => exporter.getFinishedSpans(),
  };
}

const uuids = Array.from({ length: 2000 }, (_, at) => newUuid(at % 64));

test.each(["traceidratio", "parentbased_traceidratio"] as const)(
  "two processes sample the same traces, each of them whole: %s",
  sampler => {
    const [receiver, worker] = [processWith(sampler, 0.25), processWith(sampler, 0.25)];
    for (const uuid of uuids) {
      receiver.write({ of: uuid });
      worker.write({ under: uuid });
    }
    expect(worker.traces()).toEqual(receiver.traces());
    // The random bits of ids that were made in one millisecond are spread evenly.
    expect(receiver.traces().length / uuids.length).toBeGreaterThan(0.2);
    expect(receiver.traces().length / uuids.length).toBeLessThan(0.3);
  },
);

test.each(["always_off", "parentbased_always_off"] as const)("no span is written: %s", sampler => {
  const program = processWith(sampler);
  for (const uuid of uuids.slice(0, 10)) {
    program.write({ of: uuid });
    program.write({ under: uuid });
    program.write(null);
  }
  expect(program.traces()).toEqual([]);
});

test("the ids set for one span are not used by the next", () => {
  const program = processWith("always_on");
  program.write({ of: uuids[0]! });
  program.write(null);
  program.write({ of: uuids[1]! });
  program.write({ under: uuids[0]! });
  const [first, free, second, part] = program.spans().map(span => span.spanContext());
  expect(first!.traceId).toBe(uuids[0]!.replaceAll("-", ""));
  expect(second!.traceId).toBe(uuids[1]!.replaceAll("-", ""));
  expect(free!.traceId).not.toBe(first!.traceId);
  expect(part).toMatchObject({ traceId: first!.traceId });
  expect(new Set([first, free, second, part].map(context => context!.spanId)).size).toBe(4);
});
