import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace";
import type { TracingConfig } from "./config.ts";

/** `ofRoots` decides by the trace's id alone, so every process decides alike about a trace. */
export type Samplers = { sampler: Sampler; ofRoots: Sampler };

/** The sampler that `OTEL_TRACES_SAMPLER` names. */
export function samplersOf({ sampler: name, ratio }: TracingConfig): Samplers {
  const ofRoots = rootSampler(name.replace(/^parentbased_/, ""), ratio);
  return { sampler: name.startsWith("parentbased_") ? new ParentBasedSampler({ root: ofRoots }) : ofRoots, ofRoots };
}

function rootSampler(name: string, ratio: number): Sampler {
  if (name === "always_on") return new AlwaysOnSampler();
  if (name === "always_off") return new AlwaysOffSampler();
  return new TraceIdRatioBasedSampler(ratio);
}
