import type { SecretBox } from "../../database/encryption.ts";
import { sealContext } from "../../database/seal-contexts.ts";
import type { EndpointInput } from "./endpoint-input.ts";
import type { EndpointRow } from "./store.ts";

/**
 * The columns of a checked input, with headers sealed under lower-case names. `enabled` is left to the caller: it
 * changes other columns.
 */
export function columnsOf(id: string, input: EndpointInput, box: SecretBox) {
  const headers = lowerCased(input.headers);
  return {
    url: input.url,
    eventTypes: input.event_types,
    environment: input.environment,
    description: input.description ?? null,
    retryScheduleS: input.retry_schedule_s ?? null,
    rateLimitPerS: input.rate_limit_per_s ?? null,
    headers: box.seal(JSON.stringify(headers), sealContext.endpointHeaders(id)),
    headerNames: Object.keys(headers).sort(),
  };
}

/** The input that would create the endpoint: a merge patch applies to it. */
export function inputOf(row: EndpointRow, box: SecretBox): Record<string, unknown> {
  return {
    url: row.url,
    event_types: row.eventTypes,
    environment: row.environment,
    ...(row.description !== null && { description: row.description }),
    ...(row.retryScheduleS !== null && { retry_schedule_s: row.retryScheduleS }),
    ...(row.rateLimitPerS !== null && { rate_limit_per_s: row.rateLimitPerS }),
    headers: JSON.parse(box.open(row.headers, sealContext.endpointHeaders(row.id))),
    enabled: row.enabled,
  };
}

/** What the audit shows of an endpoint: headers by their names alone. */
export function audited(row: EndpointRow): Record<string, unknown> {
  const { url, environment, description, enabled } = row;
  return {
    ...{ url, environment, description, enabled },
    event_types: row.eventTypes,
    retry_schedule_s: row.retryScheduleS,
    rate_limit_per_s: row.rateLimitPerS,
    headers: row.headerNames,
  };
}

/** Headers under lower-case names: letter case means nothing in them. */
export function lowerCased<T>(headers: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** The columns of an endpoint whose headers, which often carry keys, are erased. */
export function withoutHeaders(id: string, box: SecretBox) {
  return { headers: box.seal("{}", sealContext.endpointHeaders(id)), headerNames: [] };
}
