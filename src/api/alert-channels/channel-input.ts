import { z } from "zod";
import type { ChannelSecrets } from "../../alerts/channels/channel-store.ts";
import { alertKinds } from "../../domain/alerts.ts";
import type { AddressRange } from "../../egress/address.ts";
import { checkUrl } from "../../egress/url.ts";
import { newWebhookSecret } from "../../egress/webhook.ts";
import { invalid, type ProblemDetails } from "../problem.ts";
import { idInput, urlPattern } from "../schemas/fields.ts";

const secondsMax = 366 * 86_400;

const common = {
  merchant_id: idInput("merchant").optional().meta({
    description: "With the admin's or an operator's key: whose alerts; left out, those of every merchant",
  }),
  alerts: z
    .array(z.enum(alertKinds))
    .min(1)
    .max(alertKinds.length)
    .optional()
    .meta({ description: "The kinds it is told of; all where left out" }),
  remind_after_s: z
    .int()
    .min(1)
    .max(secondsMax)
    .optional()
    .meta({ description: "An alert that is open and not acknowledged is told again after so long, each time" }),
};

const url = (example: string) => z.string().meta({ pattern: urlPattern, examples: [example] });

export const alertChannelInput = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("webhook"), ...common, url: url("https://example.com/alerts") }),
  z.strictObject({ kind: z.literal("slack"), ...common, url: url("https://hooks.slack.com/services/T0/B0/XX") }),
  z.strictObject({
    kind: z.literal("telegram"),
    ...common,
    bot_token: z
      .string()
      .regex(/^\d{3,20}:[\w-]{20,100}$/, "must be a bot's token, as BotFather gives it: 123456:ABC...")
      .meta({ description: "Write-only", examples: ["123456789:AAExampleTokenOfABotxxxxxxxxxxxxxxx"] }),
    chat_id: z
      .string()
      .regex(/^(-?\d{1,20}|@\w{3,64})$/, "must be the id of a chat, or the @name of a channel")
      .meta({ examples: ["-1001234567890"] }),
  }),
  z.strictObject({
    kind: z.literal("email"),
    ...common,
    to: z
      .email("must be one e-mail address")
      .max(254)
      .meta({ examples: ["ops@example.com"] }),
  }),
]);

export type AlertChannelInput = z.output<typeof alertChannelInput>;

/** What a schema cannot check: whether the URL may be called. */
export function checkAlertChannel(input: AlertChannelInput, egressAllow: AddressRange[]): ProblemDetails | null {
  if (input.kind !== "webhook" && input.kind !== "slack") return null;
  const checked = checkUrl(input.url, egressAllow);
  return checked.ok ? null : invalid([{ path: "url", message: checked.problem }]);
}

/** What is shown of where a channel leads, and what is sealed. A webhook gets a signing secret. */
export function targetOf(input: AlertChannelInput): { target: string; secrets: ChannelSecrets } {
  switch (input.kind) {
    case "webhook":
      return { target: input.url, secrets: { url: input.url, secret: newWebhookSecret() } };
    case "slack":
      return { target: new URL(input.url).origin, secrets: { url: input.url } };
    case "telegram":
      return { target: input.chat_id, secrets: { bot_token: input.bot_token } };
    case "email":
      return { target: input.to, secrets: {} };
  }
}
