import { z } from "zod";
import { idOutput, timeOutput } from "../schemas/fields.ts";

/** The JSON of `ussdSessionJson` (domain). */
export const sessionSchema = z
  .object({
    id: idOutput("session"),
    merchant_id: idOutput("merchant"),
    connection_id: idOutput("connection"),
    provider: z.string().meta({ examples: ["africastalking"] }),
    session_id: z.string().meta({ description: "The gateway's id of the session", examples: ["ATUid_0001"] }),
    phone: z
      .string()
      .nullable()
      .meta({ examples: ["+254700000001"] }),
    service_code: z
      .string()
      .nullable()
      .meta({ examples: ["*384*123#"] }),
    network_code: z
      .string()
      .nullable()
      .meta({ examples: ["63902"] }),
    state: z.enum(["open", "ended"]).meta({ examples: ["ended"] }),
    ended_by: z
      .enum(["answer", "gateway", "silence"])
      .nullable()
      .meta({ description: "An `END` that was sent, a notice of the gateway, or 180 s without a hop" }),
    gateway: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({ description: "What the gateway reported about the end", examples: [null] }),
    started_at: timeOutput,
    ended_at: timeOutput.nullable(),
    hops: z.array(
      z.object({
        hop: z.int(),
        at: timeOutput,
        input: z.string().meta({ description: "What the subscriber typed for this hop", examples: [""] }),
        answer: z.string().meta({ examples: ["END Asante."] }),
        answered_by: z.enum(["menu", "merchant", "fallback"]),
        latency_ms: z.int(),
        warning: z
          .string()
          .nullable()
          .meta({ examples: [null] }),
      }),
    ),
  })
  .meta({ id: "UssdSession" });
