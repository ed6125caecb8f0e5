import { z } from "zod";
import type { RelayAttempt } from "../../database/schema/relays.ts";
import { publicId } from "../../domain/ids.ts";
import { idOutput, timeOutput } from "../schemas/fields.ts";
import type { RelayRow } from "./relay-store.ts";

const shape = {
  id: idOutput("delivery"),
  merchant_id: idOutput("merchant"),
  connection_id: idOutput("connection"),
  callback_id: idOutput("callback"),
  channel: z.string().meta({ examples: ["stk"] }),
  relay: z.literal(true),
  state: z.enum(["pending", "delivered", "failed"]).meta({ examples: ["delivered"] }),
  attempt_count: z.int().meta({ examples: [1] }),
  created_at: timeOutput,
  finished_at: timeOutput.nullable(),
};

export const relaySchema = z
  .object(shape)
  .meta({ id: "Relay", description: "A callback that goes on to the handler that was there before." });

export const relayWithAttemptsSchema = z
  .object({
    ...shape,
    next_attempt_at: timeOutput.nullable().meta({ description: "null: no attempt is planned", examples: [null] }),
    attempts: z.array(
      z.object({
        attempt: z.int().meta({ examples: [1] }),
        started_at: timeOutput,
        latency_ms: z.int().meta({ examples: [87] }),
        status: z
          .int()
          .nullable()
          .meta({ description: "null where there was no response", examples: [200] }),
        error: z
          .string()
          .nullable()
          .meta({ examples: [null] }),
      }),
    ),
  })
  .meta({ id: "RelayWithAttempts" });

export function relayJson(row: RelayRow) {
  return {
    id: publicId("delivery", row.id),
    merchant_id: publicId("merchant", row.merchantId),
    connection_id: publicId("connection", row.connectionId),
    callback_id: publicId("callback", row.callbackId),
    channel: row.channel,
    relay: true as const,
    state: row.state,
    attempt_count: row.tries.length,
    created_at: row.createdAt.toISOString(),
    finished_at: row.finishedAt?.toISOString() ?? null,
  };
}

export function relayWithAttempts(row: RelayRow) {
  return {
    ...relayJson(row),
    next_attempt_at: row.state === "pending" ? row.dueAt.toISOString() : null,
    attempts: row.tries.map(({ at, latencyMs, status, error }: RelayAttempt, i) => ({
      ...{ attempt: i + 1, started_at: at, latency_ms: latencyMs, status, error },
    })),
  };
}
