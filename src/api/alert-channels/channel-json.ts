import { z } from "zod";
import { alertKinds } from "../../domain/alerts.ts";
import { publicId } from "../../domain/ids.ts";
import { idOutput, timeOutput } from "../schemas/fields.ts";
import type { AlertChannelRow } from "./store.ts";

export const channelKinds = ["webhook", "slack", "telegram", "email"] as const;

const shape = {
  id: idOutput("alertChannel"),
  merchant_id: idOutput("merchant")
    .nullable()
    .meta({ description: "null: the installation's, which is told of every merchant's alerts" }),
  kind: z.enum(channelKinds),
  alerts: z
    .array(z.enum(alertKinds))
    .nullable()
    .meta({ description: "The kinds it is told of; null: all", examples: [null] }),
  remind_after_s: z
    .int()
    .nullable()
    .meta({ description: "null: no reminders", examples: [3600] }),
  url: z
    .string()
    .nullable()
    .meta({ description: "Of a webhook; of Slack the origin alone", examples: ["https://example.com/alerts"] }),
  to: z
    .string()
    .nullable()
    .meta({ examples: [null] }),
  chat_id: z
    .string()
    .nullable()
    .meta({ examples: [null] }),
  created_at: timeOutput,
  last_success_at: timeOutput.nullable(),
  last_failure_at: timeOutput.nullable().meta({ examples: [null] }),
  last_error: z
    .string()
    .nullable()
    .meta({ description: "Why the last message did not arrive; null once one does", examples: [null] }),
};

export const alertChannelSchema = z
  .object(shape)
  .meta({ id: "AlertChannel", description: "Where messages about alerts go, without its secrets." });

export const newAlertChannelSchema = z
  .object({
    ...shape,
    secret: z
      .string()
      .optional()
      .meta({
        description: "Of a webhook: signs its messages as Standard Webhooks do. Shown in this response only.",
        examples: ["whsec_…"],
      }),
  })
  .meta({ id: "NewAlertChannel" });

export function alertChannelJson(row: AlertChannelRow) {
  const { kind, target } = row;
  return {
    id: publicId("alertChannel", row.id),
    merchant_id: row.merchantId && publicId("merchant", row.merchantId),
    kind,
    alerts: row.alerts as (typeof alertKinds)[number][] | null,
    remind_after_s: row.remindAfterS,
    url: kind === "webhook" || kind === "slack" ? target : null,
    to: kind === "email" ? target : null,
    chat_id: kind === "telegram" ? target : null,
    created_at: row.createdAt.toISOString(),
    last_success_at: row.lastSuccessAt?.toISOString() ?? null,
    last_failure_at: row.lastFailureAt?.toISOString() ?? null,
    last_error: row.lastError,
  };
}
