import {
  type Attributes,
  type Context,
  type Link,
  ROOT_CONTEXT,
  type SpanContext,
  type SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { type Sampler, SamplingDecision } from "@opentelemetry/sdk-trace";
import { scrub } from "../telemetry/scrub.ts";
import { type Ids, idsOf } from "./ids.ts";

/**
 * The parent of a span. `of`: none, it is the root span of the thing with this id. `under`: the root span of that
 * thing. `after`: the span of an API caller.
 */
export type SpanParent = { of: string } | { under: string } | { after: Context } | null;

export type LinkTo = { to: string; attributes?: SpanFacts };

/** Attributes of a span; null and empty ones are left out. */
export type SpanFacts = Record<string, string | number | boolean | string[] | null>;

export type Work = {
  name: string;
  kind: SpanKind;
  parent: SpanParent;
  facts: SpanFacts;
  links?: LinkTo[];
  /** `error.type` of work that failed; null for work that did not. */
  errorType?: string | null;
  /** How long the work took. It ended now. */
  ms: number;
};

export type Spans = {
  /** Writes the span of work that has ended. */
  write(work: Work): void;
};

/** Links of one span at most; a batch may have more callbacks. */
export const linksMax = 128;

type Deps = { tracer: Tracer; ids: Ids; sampler: Sampler; now: () => number };

/**
 * Spans are written when the work has ended, from telemetry events, so no context is carried through the rooms. Whether
 * the trace of a callback or event is sampled follows from its id.
 */
export function createSpans({ tracer, ids, sampler, now }: Deps): Spans {
  /** The root span of a callback or event, of this process or another; null where its trace is not sampled. */
  function rootSpanOf(uuid: string): SpanContext | null {
    const { traceId, spanId } = idsOf(uuid);
    const { decision } = sampler.shouldSample(ROOT_CONTEXT, traceId, "", 0, {}, []);
    if (decision !== SamplingDecision.RECORD_AND_SAMPLED) return null;
    return { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
  }

  /** Null where the span is not sampled. */
  function contextOf(parent: SpanParent): Context | null {
    if (parent === null) return ROOT_CONTEXT;
    if ("after" in parent) return parent.after;
    const span = rootSpanOf("of" in parent ? parent.of : parent.under);
    if (span === null) return null;
    if ("under" in parent) return trace.setSpanContext(ROOT_CONTEXT, span);
    ids.next(span);
    return ROOT_CONTEXT;
  }

  function linkTo({ to, attributes = {} }: LinkTo): Link[] {
    const context = rootSpanOf(to);
    return context === null ? [] : [{ context, attributes: attributesOf(attributes) }];
  }

  return {
    write({ name, kind, parent, facts, links = [], errorType = null, ms }) {
      const context = contextOf(parent);
      if (context === null) return;
      const endTime = now();
      const startTime = endTime - ms;
      const attributes = attributesOf({ ...facts, "error.type": errorType });
      const span = tracer.startSpan(
        name,
        { kind, attributes, links: links.slice(0, linksMax).flatMap(linkTo), startTime },
        context,
      );
      if (errorType !== null) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(endTime);
    },
  };
}

/** Scrubbed like the log: without tokens, keys, secrets and whole phone numbers. */
function attributesOf(facts: SpanFacts): Attributes {
  const attributes: Attributes = {};
  for (const [name, fact] of Object.entries(facts)) {
    if (fact === null || (Array.isArray(fact) && fact.length === 0)) continue;
    attributes[name] = Array.isArray(fact) ? fact.map(scrub) : typeof fact === "string" ? scrub(fact) : fact;
  }
  return attributes;
}
