import { z } from "zod";
import { httpUrl } from "../app/http-url.ts";

export const samplers = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;
export type SamplerName = (typeof samplers)[number];

export type TracingConfig = {
  /** Where traces are posted. */
  url: string;
  headers: Record<string, string>;
  serviceName: string;
  /** What else describes the process. */
  resource: Record<string, string>;
  sampler: SamplerName;
  /** From 0 to 1; of the samplers by ratio. */
  ratio: number;
};

/** OpenTelemetry's own variables that Hakika reads, as OpenTelemetry means them. */
export const tracingVariables = {
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    default: null,
    unset: "off",
    means: "base URL of an OTLP/HTTP collector; traces go to its `/v1/traces` as JSON",
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    default: "",
    unset: "none",
    means: "headers for the collector: `name=value,name=value`, percent-encoded",
  },
  OTEL_SERVICE_NAME: { default: "hakika", means: "the service's name in traces" },
  OTEL_RESOURCE_ATTRIBUTES: {
    default: "",
    unset: "none",
    means: "what else describes the process in traces: `deployment.environment.name=production`",
  },
  OTEL_TRACES_SAMPLER: {
    default: "parentbased_always_on",
    means: `one of ${samplers.map(s => `\`${s}\``).join(", ")}`,
  },
  OTEL_TRACES_SAMPLER_ARG: { default: "1", means: "share of traces that the samplers by ratio keep, from 0 to 1" },
} as const;

/** Messages never repeat the text: headers hold keys. */
export const tracingReaders = {
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl("the collector's http or https URL", "http://localhost:4318").nullable(),
  OTEL_EXPORTER_OTLP_HEADERS: pairs(/^[\w!#$%&'*+.^`|~-]+$/, /^[\t\x20-\x7e]*$/),
  OTEL_SERVICE_NAME: z.string(),
  OTEL_RESOURCE_ATTRIBUTES: pairs(/^\S+$/, /^\P{Cc}*$/u),
  OTEL_TRACES_SAMPLER: z.enum(samplers, `write one of ${samplers.join(", ")}`),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^(0|1|0?\.\d{1,9}|0\.0|1\.0+)$/, "write a number from 0 to 1, such as 0.1")
    .transform(Number),
};

type Values = { [Name in keyof typeof tracingReaders]: z.output<(typeof tracingReaders)[Name]> };

/** null: no traces. */
export function tracingConfigOf(values: Values): TracingConfig | null {
  if (values.OTEL_EXPORTER_OTLP_ENDPOINT === null) return null;
  return {
    url: `${values.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces`,
    headers: values.OTEL_EXPORTER_OTLP_HEADERS,
    serviceName: values.OTEL_SERVICE_NAME,
    resource: values.OTEL_RESOURCE_ATTRIBUTES,
    sampler: values.OTEL_TRACES_SAMPLER,
    ratio: values.OTEL_TRACES_SAMPLER_ARG,
  };
}

/** The list that headers and attributes are written as. */
function pairs(names: RegExp, values: RegExp) {
  return z.string().transform((text, ctx) => {
    const read: Record<string, string> = {};
    for (const item of text.split(",").filter(part => part.trim() !== "")) {
      const at = item.indexOf("=");
      const key = decoded(item.slice(0, Math.max(at, 0)));
      const value = decoded(item.slice(at + 1));
      if (key === null || value === null || !names.test(key) || !values.test(value)) {
        ctx.addIssue("write name=value,name=value, with other signs than letters and digits percent-encoded");
        return z.NEVER;
      }
      read[key] = value;
    }
    return read;
  });
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return null;
  }
}
