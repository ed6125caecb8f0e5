import { alertTitles } from "../../domain/alerts.ts";
import { publicId } from "../../domain/ids.ts";
import type { StoredAlert } from "../open/alert-store.ts";
import type { AlertNames, MessageAbout } from "./message-store.ts";

export type MessageText = { subject: string; body: string };

const states = { opened: "Open", closed: "Closed", reminder: "Still open", test: "Test" } as const satisfies Record<
  MessageAbout,
  string
>;

/** A message for people. An endpoint's URL is shown as its origin: paths often carry keys. */
export function messageText(about: MessageAbout, alert: (StoredAlert & AlertNames) | null): MessageText {
  if (alert === null) {
    return { subject: "[Hakika] Test", body: "This is a test: messages about alerts reach this channel." };
  }
  const { kind, detail, channel, environment } = alert;
  const facts = {
    Merchant: alert.merchantName,
    Connection: alert.connectionName && `${alert.connectionName} (${alert.provider})`,
    Channel: channel,
    Endpoint: alert.endpointUrl && originOf(alert.endpointUrl),
    Environment: environment === "any" ? null : environment,
    Opened: alert.openedAt.toISOString(),
    Closed: about === "closed" ? (alert.closedAt?.toISOString() ?? null) : null,
    Alert: publicId("alert", alert.id),
  };
  const lines = Object.entries(facts).flatMap(([name, value]) => (value ? [`${name}: ${oneLine(value)}`] : []));
  const subject = `[Hakika] ${states[about]}: ${alertTitles[kind]}`;
  return { subject, body: [`${states[about]}: ${alertTitles[kind]}`, "", detail, "", ...lines].join("\n") };
}

/** Names are a merchant's own words. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ").slice(0, 200);
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : "";
}
