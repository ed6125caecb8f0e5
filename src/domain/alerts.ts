import { type EndpointEnvironment, eventBody } from "./events.ts";
import { publicId } from "./ids.ts";

/** What an alert may be about. */
export const alertKinds = [
  "silence",
  "endpoint_failing",
  "connection_paused",
  "credentials_refused",
  "wrong_receiver",
  "quarantine",
  "review",
  "spool",
  "statement_gap",
  "balance_gap",
  "low_balance",
  "callback_url",
] as const;
export type AlertKind = (typeof alertKinds)[number];

/** A short title for each kind, for people. */
export const alertTitles = {
  silence: "No callbacks for far longer than usual",
  endpoint_failing: "An endpoint does not take its events",
  connection_paused: "Calls to a provider are paused",
  credentials_refused: "A provider refuses the credentials",
  wrong_receiver: "A callback names another receiver",
  quarantine: "Callbacks are in quarantine",
  review: "Transactions are in review",
  spool: "Callbacks wait on a disk for the database",
  statement_gap: "A statement and the transactions differ",
  balance_gap: "A balance does not follow from the one before",
  low_balance: "A balance is low",
  callback_url: "The callback URLs lead nowhere",
} as const satisfies Record<AlertKind, string>;

/** What is wrong, and with what: one alert for each kind and subject until it closes. */
export type AlertCause = {
  /** Names the subject within its kind, such as a connection and its channel. */
  subject: string;
  /** Null where it concerns the whole installation. */
  merchantId: string | null;
  connectionId: string | null;
  endpointId: string | null;
  channel: string | null;
  environment: EndpointEnvironment | null;
  /** What is wrong, in a sentence for people, without personal data or secrets. */
  detail: string;
};

export type Alert = AlertCause & {
  shard: number;
  id: string;
  kind: AlertKind;
  openedAt: Date;
  acknowledgedAt: Date | null;
  /** `admin`, or the public id of an operator or a key. */
  acknowledgedBy: string | null;
  closedAt: Date | null;
};

/** The alert as the API and events show it. */
export function alertJson(alert: Alert) {
  const { kind, environment } = alert;
  return {
    id: publicId("alert", alert.id),
    merchant_id: alert.merchantId && publicId("merchant", alert.merchantId),
    kind,
    state: alert.closedAt === null ? ("open" as const) : ("closed" as const),
    title: alertTitles[kind],
    detail: alert.detail,
    connection_id: alert.connectionId && publicId("connection", alert.connectionId),
    endpoint_id: alert.endpointId && publicId("endpoint", alert.endpointId),
    channel: alert.channel,
    environment: environment === "any" ? null : environment,
    opened_at: alert.openedAt.toISOString(),
    acknowledged_at: alert.acknowledgedAt?.toISOString() ?? null,
    acknowledged_by: alert.acknowledgedBy,
    closed_at: alert.closedAt?.toISOString() ?? null,
  };
}

export type AlertJson = ReturnType<typeof alertJson>;
export type AlertChange = "opened" | "closed";

/**
 * The body of `alert.opened` or `alert.closed`. It says what was so at that change, whenever it is made. `reminder`
 * counts the repetitions of a message about an alert that stays open.
 */
export function alertEventBody(eventId: string, change: AlertChange, alert: Alert, reminder: number | null = null) {
  const isOpening = change === "opened";
  const at = isOpening ? alert.openedAt : (alert.closedAt ?? alert.openedAt);
  const shown = isOpening ? { ...alert, acknowledgedAt: null, acknowledgedBy: null, closedAt: null } : alert;
  const environment = alertJson(alert).environment ?? "production";
  const data = { environment, alert: alertJson(shown), ...(reminder !== null && { reminder }) };
  return eventBody(eventId, `alert.${change}`, at, data);
}
