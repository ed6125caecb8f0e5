import { publicId } from "./ids.ts";
import { type Environment, environments, type Family, kinds, type Status } from "./kinds.ts";
import type { Transaction } from "./transaction.ts";
import { transactionJson } from "./transaction-json.ts";

/** An event before it is stored. `body` is what every attempt sends, byte for byte. */
export type Event = {
  shard: number;
  id: string;
  merchantId: string;
  type: string;
  transactionId: string | null;
  sequence: number | null;
  /** The connection's; null for events about an endpoint, which endpoints of every environment take. */
  environment: Environment | null;
  body: string;
};

export const eventFamilies = ["payment", "payout", "airtime", "bill", "message"] as const;

/** Families whose transactions can be refunded in part. */
export const refundableFamilies = ["payment", "payout", "airtime", "bill"] as const satisfies Family[];

/** Event types beside `<family>.<status>` and the messages of providers (`Provider.messageTypes`). */
export const ownEventTypes = [
  ...refundableFamilies.map(family => `${family}.partially_refunded` as const),
  "transaction.review_required",
  "transaction.review_closed",
  "transaction.merged",
  "ussd.session_ended",
  "endpoint.test",
  "endpoint.disabled",
  "alert.opened",
  "alert.closed",
] as const;

/** The event type of a status: `payment.completed`. */
export function statusEventType(t: Pick<Transaction, "kind" | "status">): string {
  return `${kinds[t.kind].family}.${t.status}`;
}

/** The event type of a refund of a part, `payment.partially_refunded`; null where the transaction shows none. */
export function partialRefundEventType(t: Pick<Transaction, "kind" | "status" | "refundedMinor">): string | null {
  const family = refundableFamilies.find(each => each === kinds[t.kind].family);
  return family && t.status === "completed" && t.refundedMinor > 0n ? `${family}.partially_refunded` : null;
}

/** Whether an endpoint with these `event_types` gets events of a type. */
export function takes(filters: readonly string[], type: string): boolean {
  if (filters.some(f => f === "*" || f === type || (f.endsWith(".*") && type.startsWith(f.slice(0, -1))))) return true;
  return type === "transaction.merged" && filters.includes("payment.*");
}

/** The environments that an endpoint may take events of. */
export const endpointEnvironments = [...environments, "any"] as const;
export type EndpointEnvironment = (typeof endpointEnvironments)[number];

/** Whether an endpoint gets an event, by its type and the environment that it came from. */
export function takesEvent(
  endpoint: { eventTypes: readonly string[]; environment: EndpointEnvironment },
  event: Pick<Event, "type" | "environment">,
): boolean {
  const { eventTypes, environment } = endpoint;
  const isOfEnvironment = environment === "any" || event.environment === null || event.environment === environment;
  return isOfEnvironment && takes(eventTypes, event.type);
}

/** The environment that events about an endpoint itself name: its own, `production` where it takes any. */
export function ownEnvironment(environment: EndpointEnvironment): Environment {
  return environment === "any" ? "production" : environment;
}

/** The body of an event about a transaction. */
export function transactionEventBody(input: {
  eventId: string;
  type: string;
  at: Date;
  transaction: Transaction;
  previousStatus: Status | null;
  sequence: number;
  correction: boolean;
  extra?: Record<string, unknown>;
}): string {
  return eventBody(input.eventId, input.type, input.at, {
    environment: input.transaction.environment,
    transaction: transactionJson(input.transaction),
    previous_status: input.previousStatus,
    sequence: input.sequence,
    correction: input.correction,
    ...input.extra,
  });
}

export function eventBody(eventId: string, type: string, at: Date, data: unknown): string {
  return JSON.stringify({ id: publicId("event", eventId), type, timestamp: at.toISOString(), data });
}
