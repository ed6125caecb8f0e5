import { z } from "zod";
import type { Vault } from "../../database/vault/vault.ts";
import { publicId } from "../../domain/ids.ts";
import type { ApiDeps } from "../deps.ts";
import { idOutput, timeOutput } from "../schemas/fields.ts";
import { attemptsOf, type ListedDeliveryRow, nextAttemptAt } from "./store.ts";

const shape = {
  id: idOutput("delivery"),
  merchant_id: idOutput("merchant"),
  endpoint_id: idOutput("endpoint"),
  event_id: idOutput("event"),
  event_type: z
    .string()
    .nullable()
    .meta({ examples: ["payment.completed"] }),
  state: z.enum(["pending", "delivered", "failed"]).meta({ examples: ["delivered"] }),
  attempt_count: z.int(),
  created_at: timeOutput,
  finished_at: timeOutput.nullable(),
};

export const deliverySchema = z.object(shape).meta({ id: "Delivery", description: "An event owed to an endpoint." });

export const deliveryWithAttemptsSchema = z
  .object({
    ...shape,
    next_attempt_at: timeOutput.nullable().meta({
      description: "null: no attempt is planned",
      examples: [null],
    }),
    attempts: z.array(
      z.object({
        attempt: z.int(),
        started_at: timeOutput,
        latency_ms: z.int().meta({ examples: [87] }),
        status: z
          .int()
          .nullable()
          .meta({ description: "HTTP status; null where there was no response", examples: [200] }),
        error: z
          .string()
          .nullable()
          .meta({ examples: [null] }),
        answer: z
          .string()
          .nullable()
          .meta({ description: "The first 2 KiB of the response body", examples: ["ok"] }),
      }),
    ),
  })
  .meta({ id: "DeliveryWithAttempts" });

export function deliveryJson(row: ListedDeliveryRow) {
  return {
    id: publicId("delivery", row.id),
    merchant_id: publicId("merchant", row.merchantId),
    endpoint_id: publicId("endpoint", row.endpointId),
    event_id: publicId("event", row.eventId),
    event_type: row.eventType,
    state: row.state,
    attempt_count: row.attempts,
    created_at: row.createdAt.toISOString(),
    finished_at: row.finishedAt?.toISOString() ?? null,
  };
}

/** The delivery with its attempts. */
export async function deliveryWithAttempts({ db, sql }: Pick<ApiDeps, "db" | "sql">, row: ListedDeliveryRow) {
  const [attempts, next] = await Promise.all([attemptsOf(db, row), nextAttemptAt(db, row)]);
  return {
    ...deliveryJson(row),
    next_attempt_at: next?.toISOString() ?? null,
    attempts: attempts.map(each => ({
      attempt: each.attempt,
      started_at: each.startedAt.toISOString(),
      latency_ms: each.latencyMs,
      status: each.status,
      error: each.error,
      answer: answerOf(each, sql.vault),
    })),
  };
}

function answerOf(
  { deliveryId, status, sealed, answer }: Awaited<ReturnType<typeof attemptsOf>>[number],
  vault: Vault,
): string | null {
  if (sealed !== null) return vault.open("delivery_attempts", deliveryId, sealed).toString("utf8");
  // An empty answer is not stored.
  return answer ?? (status === null ? null : "");
}
