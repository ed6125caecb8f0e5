import { z } from "zod";
import { idOutput, timeOutput } from "../schemas/fields.ts";

export const eventSchema = z
  .object({
    id: idOutput("event"),
    type: z.string().meta({ examples: ["payment.completed"] }),
    timestamp: timeOutput,
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "Event", description: "What endpoints are sent, word for word." });

/** The body as it is delivered. */
export function eventJson(row: { body: string }): Record<string, unknown> {
  return JSON.parse(row.body);
}
