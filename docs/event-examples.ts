import { eventTypes } from "../src/api/endpoints/event-types.ts";
import { sampleOf } from "../src/api/openapi/sample.ts";
import { type Components, describeSchema } from "../src/api/openapi/schema.ts";
import { webhooks } from "../src/api/openapi/webhooks.ts";
import type { JsonObject } from "../src/domain/json.ts";
import type { Status } from "../src/domain/kinds.ts";

/** An example of each event type, made from the schema that the API document shows and that tests hold events to. */
export function eventExamples(): { type: string; when: string; event: JsonObject }[] {
  return eventTypes.map(type => ({ type, when: whenOf(type), event: exampleOf(type) }));
}

function exampleOf(type: string): JsonObject {
  const components: Components = new Map();
  const { schema } = Object.values(webhooks).find(each => each.schema.shape.type.safeParse(type).success)!;
  const sample = sampleOf(describeSchema(schema, "output", components), components) as { data: JsonObject };
  const data = dataOf(type, sample.data);
  return { ...sample, type, data: { ...data, environment: "production" } };
}

function dataOf(type: string, sample: JsonObject): JsonObject {
  const [family = "", what = ""] = type.split(".");
  if (sample.transaction) return ofTransaction(family, what, sample);
  if (type === "endpoint.disabled") return { ...sample, ...disabled };
  if (sample.payload)
    return { ...sample, provider: family === "chat" ? "codian" : "daraja", payload: payloads[type] ?? {} };
  if (sample.alert) return { ...sample, alert: { ...(sample.alert as JsonObject), ...alertOf(what) } };
  return sample;
}

const transactions: Record<string, JsonObject> = {
  payment: { kind: "stk_push", direction: "in" },
  payout: {
    ...{ kind: "b2c", direction: "out", reference: "PAYOUT-7", metadata: {} },
    provider_refs: { conversation_id: "AG_20251018_0001", receipt: "TJIKQ7V33P" },
  },
  airtime: {
    ...{ provider: "africastalking", kind: "airtime", direction: "out", reference: "TOPUP-3", metadata: {} },
    provider_refs: { request_id: "ATQid_0001" },
  },
  bill: {
    ...{ provider: "kyanda", kind: "bill", direction: "out", reference: "POWER-9", metadata: {} },
    ...{
      provider_refs: { transaction_ref: "KYA0000000001" },
      details: { tokens: "0000-0000-0000-0000-0000", units: "2.1" },
    },
  },
  message: {
    ...{ provider: "africastalking", kind: "sms", direction: "out", reference: "SMS-1", metadata: {} },
    ...{ provider_refs: { message_id: "ATXid_0001" }, amount: null, refunded_amount: null, currency: null },
  },
};

const failures: Partial<Record<Status, JsonObject>> = {
  pending: { result: null, occurred_at: null, status_source: "callback" },
  processing: { result: null, occurred_at: null, status_source: "poll" },
  failed: { result: { code: "1032", description: "Request cancelled by user" } },
  expired: { result: null, occurred_at: null, status_source: "schedule" },
  unresolved: { result: null, occurred_at: null, status_source: "schedule" },
};

function ofTransaction(family: string, what: string, sample: JsonObject): JsonObject {
  const base = sample.transaction as JsonObject;
  const ofFamily = transactions[family] ?? transactions.payment!;
  const status = (family === "transaction" || what === "partially_refunded" ? "completed" : what) as Status;
  const { from: _, into: __, duplicate_of: ___, ...data } = sample;
  const merged: JsonObject = {
    ...base,
    ...ofFamily,
    environment: "production",
    status,
    ...failures[status],
    ...moreOf(family, what, base),
  };
  if (family !== "payment" && merged.result !== null && status === "failed") {
    merged.result = { code: "1", description: "The balance is insufficient for the transaction." };
  }
  const isFirst = status === "pending";
  return {
    ...data,
    transaction: merged,
    previous_status: isFirst
      ? null
      : family === "transaction" || what === "partially_refunded"
        ? "completed"
        : before(status),
    sequence: isFirst ? 1 : 2,
    correction: false,
    ...(what === "merged" && { from: other(base.id as string), into: base.id }),
  };
}

const before = (status: Status) => (status === "refunded" ? "completed" : "pending");

/** Another id of the same kind. */
const other = (id: string) => `${id.slice(0, -2)}61`;

function moreOf(family: string, what: string, base: JsonObject): JsonObject {
  if (what === "partially_refunded") return { refunded_amount: "20.00", version: 3 };
  if (what === "refunded" && family !== "message") return { refunded_amount: "50.00", version: 3 };
  const review = { since: base.updated_at, expected: null, told: null, related: [] };
  if (what === "review_required") {
    const amounts = { expected: { amount: "50.00", currency: "KES" }, told: { amount: "45.00", currency: "KES" } };
    const detail = "The amount that was paid is not the registered one.";
    return { status: "pending", review: { ...review, reason: "amount_mismatch", detail, ...amounts } };
  }
  if (what === "unresolved") {
    return { review: { ...review, reason: "unresolved", detail: "Polling ended without a result." } };
  }
  return {};
}

const disabled = {
  url: "https://example.com/hooks/hakika",
  reason: "the server answered 410: the endpoint is gone",
  failing_since: "2025-10-13T20:30:26.000Z",
  disabled_at: "2025-10-18T20:30:26.000Z",
};

const alertOf = (what: string) =>
  what === "closed"
    ? { state: "closed", environment: "production", closed_at: "2025-10-18T21:10:00.000Z" }
    : { state: "open", environment: "production" };

/** As the provider sends them, shortened. */
const payloads: Record<string, JsonObject> = {
  "standing_order.created": {
    requestRefID: "0000-0001",
    responseCode: "0",
    responseDescription: "The service request is processed successfully",
  },
  "standing_order.failed": {
    requestRefID: "0000-0001",
    responseCode: "1037",
    responseDescription: "No response from the user",
  },
  "chat.message_received": {
    event: "message.received",
    conversation_id: "c-1",
    message: { id: "m-1", text: "Is my order on its way?" },
  },
  "chat.message_delivered": { event: "message.delivered", conversation_id: "c-1", message: { id: "m-2" } },
  "chat.conversation_started": { event: "conversation.started", conversation_id: "c-1" },
  "chat.conversation_ended": { event: "conversation.ended", conversation_id: "c-1" },
  "chat.feedback_received": { event: "feedback.received", conversation_id: "c-1", rating: 5 },
};

const statusWords: Partial<Record<string, string>> = {
  pending: "A callback brought the transaction into being, and nothing final is known",
  processing: "The provider is at it",
  completed: "It succeeded: the money has moved",
  failed: "It did not succeed, and no money moved",
  expired: "It was not taken up in time",
  refunded: "All of it was given back",
  unresolved: "Polling ended without an answer: a person should look; it yields to anything final",
  partially_refunded: "A part was given back; the status stays `completed`, and `refunded_amount` is the sum so far",
};

const otherWords: Record<string, string> = {
  "transaction.review_required": "A person should look at it: `review` says why",
  "transaction.review_closed": "The review is settled",
  "transaction.merged": "Two transactions turned out to be one payment: `from` is now an alias of `into`",
  "ussd.session_ended": "A USSD session ended, with all its hops",
  "endpoint.test": "A person asked for it (`POST /v1/endpoints/{id}/test`)",
  "endpoint.disabled": "Another endpoint of yours was disabled; it goes to those that still work",
  "alert.opened": "Something needs a person",
  "alert.closed": "Its cause is gone",
  "standing_order.created": "The payer agreed to a standing order; no money has moved",
  "standing_order.failed": "The standing order was refused",
};

function whenOf(type: string): string {
  const [family = "", what = ""] = type.split(".");
  const words = otherWords[type] ?? statusWords[what];
  return words === undefined ? `${family}: ${what.replaceAll("_", " ")}` : words;
}

/** A section for each type: when it comes, and an example. */
export function eventSections(): string {
  return eventExamples()
    .map(({ type, when, event }) => `### ${type}\n\n${when}.\n\n\`\`\`json\n${compact(event)}\n\`\`\``)
    .join("\n\n");
}

const columnsMax = 150;

/** JSON with the objects and lists that fit on a line each on one. */
function compact(value: unknown, indent = ""): string {
  const line = JSON.stringify(value, null, 1)?.replace(/\n\s*/g, " ") ?? "null";
  if (typeof value !== "object" || value === null || line.length + indent.length <= columnsMax) return line;
  const inner = `${indent}  `;
  if (Array.isArray(value)) return `[\n${value.map(item => inner + compact(item, inner)).join(",\n")}\n${indent}]`;
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${compact(member, inner)}`);
  return `{\n${filledLines(members, inner)}\n${indent}}`;
}

/** Members one after the other, as many on a line as fit. */
function filledLines(members: string[], indent: string): string {
  const lines: string[] = [];
  for (const member of members) {
    const last = lines.at(-1);
    const fits = last !== undefined && !last.includes("\n") && !member.includes("\n");
    if (fits && last.length + member.length + 2 <= columnsMax) lines[lines.length - 1] = `${last}, ${member}`;
    else lines.push(indent + member);
  }
  return lines.join(",\n");
}
