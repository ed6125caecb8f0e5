import { z } from "zod";
import { exampleId, idOutput, timeOutput } from "../schemas/fields.ts";

export const eventSchema = z
  .object({
    id: idOutput("event"),
    type: z.string().meta({ examples: ["endpoint.test"] }),
    timestamp: timeOutput,
    data: z
      .record(z.string(), z.unknown())
      .meta({ description: "By type, as under Events", examples: [{ endpoint_id: exampleId("endpoint") }] }),
  })
  .meta({ id: "Event", description: "What endpoints are sent, word for word." });

/** The body as it is delivered. */
export function eventJson(row: { body: string }): Record<string, unknown> {
  return JSON.parse(row.body);
}
