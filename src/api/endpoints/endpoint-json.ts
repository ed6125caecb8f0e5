import { z } from "zod";
import { endpointEnvironments } from "../../domain/events.ts";
import { publicId } from "../../domain/ids.ts";
import { idOutput, timeOutput } from "../schemas/fields.ts";
import { type EndpointRow, pendingCountMax } from "./store.ts";

const shape = {
  id: idOutput("endpoint"),
  merchant_id: idOutput("merchant"),
  url: z.string().meta({ examples: ["https://example.com/hooks/hakika"] }),
  event_types: z.array(z.string().meta({ examples: ["payment.*"] })),
  environment: z.enum(endpointEnvironments).meta({ description: "Whose events it takes" }),
  description: z
    .string()
    .nullable()
    .meta({ examples: ["Order service"] }),
  retry_schedule_s: z
    .array(z.number())
    .nullable()
    .meta({ description: "null: the default schedule", examples: [null] }),
  rate_limit_per_s: z
    .number()
    .nullable()
    .meta({ description: "null: no limit", examples: [null] }),
  headers: z
    .array(z.string().meta({ examples: ["x-api-key"] }))
    .meta({ description: "The names of the headers that are set. Values are write-only." }),
  enabled: z.boolean(),
  disabled_reason: z
    .string()
    .nullable()
    .meta({ examples: [null] }),
  disabled_at: timeOutput.nullable().meta({ examples: [null] }),
  created_at: timeOutput,
  updated_at: timeOutput,
};

const health = z
  .object({
    state: z
      .enum(["healthy", "failing", "disabled"])
      .meta({ description: "`failing`: every attempt since `failing_since` failed" }),
    failing_since: timeOutput.nullable().meta({ examples: [null] }),
    last_success_at: timeOutput.nullable(),
    last_failure_at: timeOutput.nullable().meta({ examples: [null] }),
    pending: z.number().meta({ description: `Pending deliveries, counted up to ${pendingCountMax}`, examples: [0] }),
  })
  .meta({ id: "EndpointHealth" });

export const endpointSchema = z.object(shape).meta({ id: "Endpoint", description: "A URL that events are sent to." });

export const endpointWithHealthSchema = z.object({ ...shape, health }).meta({ id: "EndpointWithHealth" });

export const newEndpointSchema = z
  .object({ ...shape, secret: z.string().meta({ description: "Shown in this response only.", examples: ["whsec_…"] }) })
  .meta({ id: "NewEndpoint" });

export function endpointJson(row: EndpointRow) {
  return {
    id: publicId("endpoint", row.id),
    merchant_id: publicId("merchant", row.merchantId),
    url: row.url,
    event_types: row.eventTypes,
    environment: row.environment,
    description: row.description,
    retry_schedule_s: row.retryScheduleS,
    rate_limit_per_s: row.rateLimitPerS,
    headers: row.headerNames,
    enabled: row.enabled,
    disabled_reason: row.disabledReason,
    disabled_at: row.disabledAt?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

export function healthJson(row: EndpointRow, pending: number): z.output<typeof health> {
  return {
    state: row.enabled ? (row.failingSince === null ? "healthy" : "failing") : "disabled",
    failing_since: row.failingSince?.toISOString() ?? null,
    last_success_at: row.lastSuccessAt?.toISOString() ?? null,
    last_failure_at: row.lastFailureAt?.toISOString() ?? null,
    pending,
  };
}
