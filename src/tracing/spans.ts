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
import { scrub } from "../app/log.ts";
import { type Ids, idsOf } from "./ids.ts";

/** Where a span belongs: it stands for a thing and begins its trace, it is a part of that thing's story, or it follows a caller's. */
export type SpanParent = { of: string } | { under: string } | { after: Context } | null;

export type LinkTo = { to: string; attributes?: SpanFacts };

/** What is said of a span; what is null or empty is left out. */
export type SpanFacts = Record<string, string | number | boolean | string[] | null>;

export type Work = {
  name: string;
  kind: SpanKind;
  parent: SpanParent;
  facts: SpanFacts;
  links?: LinkTo[];
  /** Why it came to nothing: a word for `error.type`; null where it did not. */
  errorType?: string | null;
  /** It ended just now, and took so long. */
  ms: number;
};

export type Spans = {
  /** Tells of work that is done. */
  write(work: Work): void;
};

/** Links of one span; a batch may have more callbacks. */
export const linksMax = 128;

type Deps = { tracer: Tracer; ids: Ids; sampler: Sampler; now: () => number };

/**
 * Spans are written when the work is done, from what the rooms tell: nothing is carried through them. Whether a thing's trace is kept
 * follows from its id.
 */
export function createSpans({ tracer, ids, sampler, now }: Deps): Spans {
  /** The span that stands for a thing, here or elsewhere; null where its trace is not kept. */
  function standingFor(uuid: string): SpanContext | null {
    const { traceId, spanId } = idsOf(uuid);
    const { decision } = sampler.shouldSample(ROOT_CONTEXT, traceId, "", 0, {}, []);
    if (decision !== SamplingDecision.RECORD_AND_SAMPLED) return null;
    return { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
  }

  /** Null where nothing is to be written. */
  function contextOf(place: SpanParent): Context | null {
    if (place === null) return ROOT_CONTEXT;
    if ("after" in place) return place.after;
    const span = standingFor("of" in place ? place.of : place.under);
    if (span === null) return null;
    if ("under" in place) return trace.setSpanContext(ROOT_CONTEXT, span);
    ids.next(span);
    return ROOT_CONTEXT;
  }

  function linkTo({ to, attributes = {} }: LinkTo): Link[] {
    const context = standingFor(to);
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

/** By the log's rules: no token, key, secret or whole phone number goes out. */
function attributesOf(facts: SpanFacts): Attributes {
  const attributes: Attributes = {};
  for (const [name, fact] of Object.entries(facts)) {
    if (fact === null || (Array.isArray(fact) && fact.length === 0)) continue;
    attributes[name] = Array.isArray(fact) ? fact.map(scrub) : typeof fact === "string" ? scrub(fact) : fact;
  }
  return attributes;
}
