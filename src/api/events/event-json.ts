import { z } from "zod";
import { exampleId, idOutput, timeOutput } from "../schemas/fields.ts";

export const eventSchema = z
  .object({
    id: idOutput("event"),
    type: z.string().meta({ examples: ["endpoint.test"] }),
    timestamp: timeOutput,
    data: z.record(z.string(), z.unknown()).meta({
      description: "Depends on `type`: see the webhooks of this document",
      examples: [{ endpoint_id: exampleId("endpoint") }],
    }),
  })
  .meta({ id: "Event", description: "The exact body that endpoints receive." });

/** The event as it is delivered. */
export function eventJson(row: { body: string }): Record<string, unknown> {
  return JSON.parse(row.body);
}
