import type { ProviderConnection } from "../call.ts";
import { fieldsAt, fieldsOf } from "../kit/fields.ts";
import { keyOf } from "../kit/key.ts";
import { collectProblems, unreadable } from "../kit/problems.ts";
import { jsonReply } from "../kit/reply.ts";
import type { StatusTable } from "../kit/status-table.ts";
import { idOf, textOf } from "../kit/text.ts";
import type { Channel, Reading } from "../provider.ts";
import { tillPayment } from "./resource.ts";

/** What each topic says of its payment. Other topics are about none (customers, settlements). */
export const saysByTopic = {
  buygoods_transaction_received: "completed",
  buygoods_transaction_reversed: "refunded",
  b2b_transaction_received: "completed",
  b2b_transaction_reversed: "refunded",
  card_transaction_received: "completed",
  card_transaction_voided: "refunded",
  card_transaction_reversed: "refunded",
} as const satisfies StatusTable;

/** News of the topics that are subscribed to. Every object gets the accepted answer. */
export const webhook: Channel = {
  forms: false,
  key(body) {
    const resource = fieldsAt(body, "event", "resource");
    return keyOf(idOf(resource("id")) ?? idOf(resource("reference")), topicOf(body), textOf(resource("status")));
  },
  read: (body, _callback, connection) => readWebhook(body, connection),
  // The credential till_number may be written in another way, so only `settings.receivers` is compared.
  receiver(body) {
    const value = textOf(fieldsAt(body, "event", "resource")("till_number"));
    return value === null ? null : { path: "event.resource.till_number", value };
  },
  recognizes: body => topicOf(body) !== null,
  accepted: () => jsonReply({ status: "accepted" }),
  unreadable: null,
};

export function topicOf(body: Record<string, unknown>): string | null {
  return textOf(fieldsOf(body)("topic"))?.toLowerCase() ?? null;
}

function readWebhook(body: Record<string, unknown>, connection: ProviderConnection): Reading {
  const topic = topicOf(body);
  if (topic === null) return unreadable("topic", "required");
  if (!Object.hasOwn(saysByTopic, topic)) return { kind: "ignored", reason: "a topic that is about no payment" };
  const says = saysByTopic[topic as keyof typeof saysByTopic];
  const resource = fieldsAt(body, "event")("resource");
  const problems = collectProblems();
  const payment = tillPayment(resource, says, "event.resource", problems, connection);
  const status = payment.result!.code;
  const finding = { ...payment, result: { code: topic, description: status } };
  return problems.found() ?? { kind: "evidence", findings: [finding] };
}
