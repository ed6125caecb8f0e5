import { z } from "zod";
import { alertKinds } from "../../domain/alerts.ts";
import { environments } from "../../domain/kinds.ts";
import { idOutput, timeOutput } from "../schemas/fields.ts";

export const alertSchema = z
  .object({
    id: idOutput("alert"),
    merchant_id: idOutput("merchant").nullable().meta({ description: "null: of the whole installation" }),
    kind: z.enum(alertKinds),
    state: z.enum(["open", "closed"]),
    title: z.string().meta({ examples: ["Callbacks are in quarantine"] }),
    detail: z.string().meta({ examples: ["Callbacks of this channel could not be read or verified."] }),
    connection_id: idOutput("connection").nullable(),
    endpoint_id: idOutput("endpoint")
      .nullable()
      .meta({ examples: [null] }),
    channel: z
      .string()
      .nullable()
      .meta({ description: "`(unknown)`: channels that the provider does not have", examples: ["stk"] }),
    environment: z.enum(environments).nullable().meta({ description: "null: of both, or of neither" }),
    opened_at: timeOutput,
    acknowledged_at: timeOutput.nullable().meta({ description: "Since when no reminder is sent", examples: [null] }),
    acknowledged_by: z
      .string()
      .nullable()
      .meta({ description: "`admin`, or the id of an operator or a key", examples: [null] }),
    closed_at: timeOutput.nullable().meta({ examples: [null] }),
  })
  .meta({ id: "Alert", description: "What a person should know of. One for each subject until it closes by itself." });
