import { z } from "zod";
import type { Vault } from "../../database/vault/vault.ts";
import { openBody } from "../../outbox/fan-out-store.ts";
import { exampleId, idOutput, timeOutput } from "../schemas/fields.ts";
import type { ListedEventRow } from "./store.ts";

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
export function eventJson(row: ListedEventRow, vault: Vault): Record<string, unknown> {
  return JSON.parse(openBody(row, vault));
}
