import { publicId } from "./ids.ts";
import { kinds, type Status } from "./kinds.ts";
import type { Transaction } from "./transaction.ts";
import { transactionJson } from "./transaction-json.ts";

/** Something a merchant is told, before it is stored. `body` is what every attempt sends, byte for byte. */
export type Event = {
  shard: number;
  id: string;
  merchantId: string;
  type: string;
  transactionId: string | null;
  sequence: number | null;
  body: string;
};

export const eventFamilies = ["payment", "payout", "airtime", "bill", "message"] as const;

/** Event types beside `<family>.<status>`. */
export const otherEventTypes = [
  "transaction.review_required",
  "transaction.review_closed",
  "transaction.merged",
  "chat.message_received",
  "chat.message_delivered",
  "chat.conversation_started",
  "chat.conversation_ended",
  "chat.feedback_received",
  "ussd.session_ended",
  "endpoint.test",
  "endpoint.disabled",
] as const;

/** The type that announces a status: `payment.completed`. */
export function statusEventType(t: Pick<Transaction, "kind" | "status">): string {
  return `${kinds[t.kind].family}.${t.status}`;
}

/** Whether an endpoint that takes `filters` is told of `type`. */
export function takes(filters: readonly string[], type: string): boolean {
  if (filters.some(f => f === "*" || f === type || (f.endsWith(".*") && type.startsWith(f.slice(0, -1))))) return true;
  return type === "transaction.merged" && filters.includes("payment.*");
}

/** The body of an event about a transaction, as merchants get it. */
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
