import { z } from "zod";
import { samplers, type TracingConfig } from "../tracing/config.ts";
import { httpUrl } from "./http-url.ts";

/** OpenTelemetry's standard variables that Hakika reads, with their standard meaning. */
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

/** No message repeats the text: headers hold keys. */
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

/** Reads `name=value,name=value`, the form of headers and attributes. */
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
