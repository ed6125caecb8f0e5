import { z } from "zod";
import type { AddressRange } from "../../egress/address.ts";
import { checkHeader } from "../../egress/headers.ts";
import { checkUrl } from "../../egress/url.ts";
import { type FieldError, invalid, type ProblemDetails } from "../problem.ts";
import { eventTypesInput } from "./event-types.ts";

const waitsMax = 100;
const waitSecondsMax = 30 * 86_400;
const ratePerSMax = 10_000;
const headersMax = 20;

/** What a delivery sets itself; the egress refuses hop-by-hop headers too, by its own list. */
const ownHeaders = /^(webhook-.*|content-type|content-encoding|user-agent|proxy-.*|upgrade-insecure-requests)$/i;

const description = z.string().trim().max(500);
const retrySchedule = z
  .array(z.int().min(0).max(waitSecondsMax))
  .max(waitsMax)
  .meta({ description: "Seconds to wait after each failed attempt: n waits, n + 1 attempts" });
const rateLimit = z.int().min(1).max(ratePerSMax);
const url = z.string().meta({ examples: ["https://example.com/hooks/hakika"] });

/** What an endpoint can be told, at creation and as what a merge patch comes to. */
export const endpointFields = {
  url,
  event_types: eventTypesInput.default(["*"]),
  description: description.optional(),
  retry_schedule_s: retrySchedule.optional(),
  rate_limit_per_s: rateLimit.optional(),
  headers: z
    .record(z.string(), z.string())
    .default({})
    .meta({ description: "Sent with every delivery. Write-only: they often carry keys." }),
  enabled: z.boolean().default(true),
};

export const endpointInput = z.strictObject(endpointFields);
export type EndpointInput = z.output<typeof endpointInput>;

/** RFC 7396: what is left out stays, `null` goes back to the default. Checked as a whole once merged. */
export const endpointPatch = z.strictObject({
  url: url.optional(),
  event_types: eventTypesInput.nullable().optional(),
  description: description.nullable().optional(),
  retry_schedule_s: retrySchedule.nullable().optional(),
  rate_limit_per_s: rateLimit.nullable().optional(),
  headers: z.record(z.string(), z.string().nullable()).nullable().optional(),
  enabled: z.boolean().optional(),
});

/** What a schema alone cannot know: whether the URL may be called and the headers sent. */
export function checkEndpoint(input: EndpointInput, allow: AddressRange[]): ProblemDetails | null {
  const checked = checkUrl(input.url, allow);
  const errors: FieldError[] = [
    ...(checked.ok ? [] : [{ path: "url", message: checked.problem }]),
    ...headerErrors(input.headers),
  ];
  const [first, ...rest] = errors;
  return first === undefined ? null : invalid([first, ...rest]);
}

function headerErrors(headers: Record<string, string>): FieldError[] {
  const names = Object.keys(headers);
  if (names.length > headersMax) return [{ path: "headers", message: `has more than ${headersMax} headers` }];
  return names.flatMap((name, i) => {
    const twice = names.findIndex(other => other.toLowerCase() === name.toLowerCase()) !== i;
    const problem = twice
      ? "is given twice, in different letter case"
      : ownHeaders.test(name)
        ? "is set by Hakika itself"
        : checkHeader(name, headers[name]!);
    return problem === null ? [] : [{ path: `headers.${name}`, message: problem }];
  });
}
