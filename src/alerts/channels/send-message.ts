import type { SecretBox } from "../../database/encryption.ts";
import { type AlertChange, alertEventBody } from "../../domain/alerts.ts";
import { eventBody } from "../../domain/events.ts";
import { publicId } from "../../domain/ids.ts";
import type { AddressRange } from "../../egress/address.ts";
import type { Egress } from "../../egress/client.ts";
import type { EgressResult } from "../../egress/exchange.ts";
import { signWebhook } from "../../egress/webhook.ts";
import type { StoredAlert } from "../open/alert-store.ts";
import { type AlertChannel, type ChannelSecrets, openSecrets } from "./channel-store.ts";
import { sendEmail } from "./email.ts";
import type { MailServer } from "./mail-server.ts";
import type { AlertNames, ClaimedMessage } from "./message-store.ts";
import { messageText } from "./message-text.ts";

export type SendDeps = {
  egress: Pick<Egress, "send">;
  egressAllow: readonly AddressRange[];
  box: SecretBox;
  /** Null: there is no mail server. */
  mailServer: MailServer | null;
  /** Base of Telegram's API. */
  telegramUrl: string;
  now(): Date;
};

/** Shorter than the lease of a message (30 s). */
export const attemptMs = 15_000;
const errorCharsMax = 300;

/** Why a message did not arrive; null where it did. */
export type SendOutcome = string | null;

/** One attempt at one message. Never rejects. */
export async function sendMessage(
  deps: SendDeps,
  channel: AlertChannel,
  message: ClaimedMessage,
  alert: (StoredAlert & AlertNames) | null,
): Promise<SendOutcome> {
  try {
    const secrets = openSecrets(deps.box, channel);
    return await senders[channel.kind](deps, { channel, secrets, message, alert });
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).slice(0, errorCharsMax);
  }
}

type Sending = {
  channel: AlertChannel;
  secrets: ChannelSecrets;
  message: ClaimedMessage;
  alert: (StoredAlert & AlertNames) | null;
};

const senders: Record<AlertChannel["kind"], (deps: SendDeps, sending: Sending) => Promise<SendOutcome>> = {
  async webhook({ egress, now }, { channel, secrets, message, alert }) {
    const { id, body } = eventOf(message, alert, now());
    const timestampS = Math.floor(now().getTime() / 1000);
    const signature = signWebhook({ id: publicId("event", id), timestampS, body, secrets: [secrets.secret ?? ""] });
    return post(egress, channel, secrets.url ?? "", body, signature);
  },
  async slack({ egress }, { channel, secrets, message, alert }) {
    const { body } = messageText(message.about, alert);
    return post(egress, channel, secrets.url ?? "", JSON.stringify({ text: body }));
  },
  async telegram({ egress, telegramUrl }, { channel, secrets, message, alert }) {
    const { body } = messageText(message.about, alert);
    const url = `${telegramUrl}/bot${secrets.bot_token ?? ""}/sendMessage`;
    return post(egress, channel, url, JSON.stringify({ chat_id: channel.target, text: body }));
  },
  async email({ mailServer, egressAllow }, { channel, message, alert }) {
    if (mailServer === null) return "HAKIKA_SMTP_URL is not set: no e-mail can be sent";
    await sendEmail(mailServer, channel.target, messageText(message.about, alert), {
      allow: egressAllow,
      timeoutMs: attemptMs,
    });
    return null;
  },
};

/** The event of a webhook's message: the alert's own, so that a merchant's endpoint and channel know it by one id. */
function eventOf(message: ClaimedMessage, alert: StoredAlert | null, now: Date): { id: string; body: string } {
  const { id, about, number } = message;
  if (alert === null) return { id, body: eventBody(id, "alert.test", now, { environment: "production" }) };
  if (about === "reminder") return { id, body: alertEventBody(id, "opened", alert, number) };
  const change: AlertChange = about === "closed" ? "closed" : "opened";
  const eventId = change === "opened" ? alert.openedEvent : alert.closedEvent;
  return { id: eventId, body: alertEventBody(eventId, change, alert) };
}

async function post(
  egress: Pick<Egress, "send">,
  channel: AlertChannel,
  url: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<SendOutcome> {
  const result = await egress.send({
    method: "POST",
    url,
    headers: { "content-type": "application/json", ...headers },
    body,
    timeoutMs: attemptMs,
    tenant: channel.id,
    keepBytes: 0,
  });
  return problemOf(result);
}

/** Words without the URL, which holds the token of Slack and Telegram. */
function problemOf(result: EgressResult): SendOutcome {
  switch (result.kind) {
    case "answer":
      return result.status >= 200 && result.status < 300 ? null : `the server answered ${result.status}`;
    case "timeout":
      return "there was no answer in time";
    case "refused":
    case "network":
      return result.reason.slice(0, errorCharsMax);
  }
}
