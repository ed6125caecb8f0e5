import { z } from "zod";
import { publicId } from "../../domain/ids.ts";
import type { UssdSession } from "../ports.ts";
import { idOutput, timeOutput } from "../schemas/fields.ts";

export const sessionSchema = z
  .object({
    id: idOutput("session"),
    merchant_id: idOutput("merchant"),
    connection_id: idOutput("connection"),
    provider: z.string(),
    session_id: z.string().meta({ description: "The gateway's id" }),
    phone: z.string().nullable(),
    service_code: z.string().nullable(),
    network_code: z.string().nullable(),
    state: z.string(),
    started_at: timeOutput,
    ended_at: timeOutput.nullable(),
    hops: z.array(
      z.object({
        hop: z.int(),
        at: timeOutput,
        input: z.string(),
        answer: z.string(),
        answered_by: z.string(),
        latency_ms: z.int(),
      }),
    ),
  })
  .meta({ id: "UssdSession" });

export function sessionJson(session: UssdSession) {
  return {
    id: publicId("session", session.id),
    merchant_id: publicId("merchant", session.merchantId),
    connection_id: publicId("connection", session.connectionId),
    provider: session.provider,
    session_id: session.sessionId,
    phone: session.phone,
    service_code: session.serviceCode,
    network_code: session.networkCode,
    state: session.state,
    started_at: session.startedAt.toISOString(),
    ended_at: session.endedAt?.toISOString() ?? null,
    hops: session.hops.map(({ hop, at, input, answer, answeredBy, latencyMs }) => ({
      hop,
      at: at.toISOString(),
      input,
      answer,
      answered_by: answeredBy,
      latency_ms: latencyMs,
    })),
  };
}
