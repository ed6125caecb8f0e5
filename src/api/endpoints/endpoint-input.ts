import { z } from "zod";
import { endpointEnvironments } from "../../domain/events.ts";
import type { AddressRange } from "../../egress/address.ts";
import { checkHeader } from "../../egress/headers.ts";
import { checkUrl } from "../../egress/url.ts";
import type { Provider } from "../../providers/provider.ts";
import { type FieldError, invalid, type ProblemDetails } from "../problem.ts";
import { urlPattern } from "../schemas/fields.ts";
import { eventTypeErrors, eventTypesInput } from "./event-types.ts";

const waitsMax = 100;
const waitSecondsMax = 30 * 86_400;
const ratePerSMax = 10_000;
const headersMax = 20;

/** Headers that each delivery sets. Hop-by-hop headers are refused by egress. */
const reservedHeaders =
  /^(webhook-.*|hakika-environment|content-type|content-encoding|user-agent|proxy-.*|upgrade-insecure-requests)$/i;

const description = z.string().trim().max(500);
const retrySchedule = z
  .array(z.int().min(1).max(waitSecondsMax))
  .max(waitsMax)
  .meta({ description: "Seconds to wait after each failed attempt: n waits, n + 1 attempts" });
const rateLimit = z.int().min(1).max(ratePerSMax);
const endpointEnvironment = z.enum(endpointEnvironments).meta({
  description:
    "Whose events it takes: those of connections of this environment, or `any`. Other events are kept and not sent.",
});
/** The same as egress checks, for the API document. */
const headerName = z.string().meta({ pattern: "^[\\w!#$%&'*+.^`|~-]{1,128}$" });
const headerValue = z.string().meta({ pattern: "^[\\t\\x20-\\x7e\\x80-\\xff]{0,4096}$" });
const url = z.string().meta({ pattern: urlPattern, examples: ["https://example.com/hooks/hakika"] });

/** The fields of an endpoint, as it is created and as a merge patch leaves it. */
export const endpointFields = {
  url,
  event_types: eventTypesInput.default(["*"]),
  environment: endpointEnvironment.default("production"),
  description: description.optional(),
  retry_schedule_s: retrySchedule.optional(),
  rate_limit_per_s: rateLimit.optional(),
  headers: z
    .record(headerName, headerValue)
    .default({})
    .meta({ description: "Sent with every delivery. Write-only, for they often contain keys." }),
  enabled: z.boolean().default(true),
};

export const endpointInput = z.strictObject(endpointFields);
export type EndpointInput = z.output<typeof endpointInput>;

/** A merge patch (RFC 7396): absent fields stay, `null` restores the default. Checked as a whole after merging. */
export const endpointPatch = z.strictObject({
  url: url.optional(),
  event_types: eventTypesInput.nullable().optional(),
  environment: endpointEnvironment.nullable().optional(),
  description: description.nullable().optional(),
  retry_schedule_s: retrySchedule.nullable().optional(),
  rate_limit_per_s: rateLimit.nullable().optional(),
  headers: z.record(headerName, headerValue.nullable()).nullable().optional(),
  enabled: z.boolean().optional(),
});

/** Checks what a schema cannot: whether the URL may be called, the headers may be sent, and the event types exist. */
export function checkEndpoint(
  input: EndpointInput,
  { egressAllow, providers }: { egressAllow: AddressRange[]; providers: ReadonlyMap<string, Provider> },
): ProblemDetails | null {
  const checked = checkUrl(input.url, egressAllow);
  const errors: FieldError[] = [
    ...(checked.ok ? [] : [{ path: "url", message: checked.problem }]),
    ...eventTypeErrors(input.event_types, index => `event_types.${index}`, providers),
    ...headerErrors(input.headers),
  ];
  const [first, ...rest] = errors;
  return first === undefined ? null : invalid([first, ...rest]);
}

function headerErrors(headers: Record<string, string>): FieldError[] {
  const names = Object.keys(headers);
  if (names.length > headersMax) return [{ path: "headers", message: `has more than ${headersMax} headers` }];
  return names.flatMap((name, i) => {
    const isRepeated = names.findIndex(other => other.toLowerCase() === name.toLowerCase()) !== i;
    const problem = isRepeated
      ? "is repeated in another letter case: send it once"
      : reservedHeaders.test(name)
        ? "is set by Hakika: choose another name"
        : checkHeader(name, headers[name]!);
    return problem === null ? [] : [{ path: `headers.${name}`, message: problem }];
  });
}
