import { z } from "zod";
import { sources } from "../../domain/evidence.ts";
import { publicId } from "../../domain/ids.ts";
import { statuses } from "../../domain/kinds.ts";
import { formatMoney } from "../../domain/money.ts";
import { evidenceFromRow } from "../../settle/finding-json.ts";
import type { DrizzleQueryable } from "../deps.ts";
import { idOutput, timeOutput } from "../schemas/fields.ts";
import { deliveriesOf, eventsOf, evidenceOf, type ListedTransactionRow } from "./store.ts";
import { transactionShape } from "./transaction-schema.ts";

const evidenceEntry = z.object({
  type: z.literal("evidence"),
  at: timeOutput,
  source: z.enum(sources).meta({ examples: ["callback"] }),
  strength: z.string().meta({ examples: ["match"] }),
  says: z.string().meta({ examples: ["completed"] }),
  callback_id: idOutput("callback").nullable(),
  provider_refs: transactionShape.provider_refs,
  amount: transactionShape.amount,
  currency: transactionShape.currency,
  result: transactionShape.result,
  note: z
    .string()
    .nullable()
    .meta({
      description: "With an operator's decision, and with a payment that came although its validation was refused",
      examples: [null],
    }),
});

const decisionEntry = z.object({
  type: z.literal("decision"),
  at: timeOutput,
  status: z.enum(statuses).meta({ examples: ["completed"] }),
  previous_status: z.enum(statuses).nullable(),
  status_source: z.enum(sources).meta({ examples: ["callback"] }),
  version: z.int().meta({ examples: [2] }),
  review: transactionShape.review,
});

const eventEntry = z.object({
  type: z.literal("event"),
  at: timeOutput,
  event_id: idOutput("event"),
  event_type: z.string().meta({ examples: ["payment.completed"] }),
  sequence: z.int().nullable(),
  deliveries: z.array(
    z.object({
      id: idOutput("delivery"),
      endpoint_id: idOutput("endpoint"),
      state: z.enum(["pending", "delivered", "failed"]).meta({ examples: ["delivered"] }),
      attempt_count: z.int(),
    }),
  ),
});

export const timelineSchema = z
  .array(z.discriminatedUnion("type", [evidenceEntry, decisionEntry, eventEntry]))
  .meta({ description: "Evidence, decisions and events, oldest first" });

type TimelineEntry = z.output<typeof timelineSchema>[number];

/** The timeline of a transaction. `requestedId` is the id that was asked for: a merged id has events of its own. */
export async function timelineOf(
  db: DrizzleQueryable,
  row: ListedTransactionRow,
  requestedId: string,
): Promise<TimelineEntry[]> {
  const [evidenceRows, eventRows] = await Promise.all([
    evidenceOf(db, row.shard, row.id),
    eventsOf(db, row.shard, [...new Set([row.id, requestedId])]),
  ]);
  const eventIds = eventRows.map(({ id }) => id);
  const deliveryRows = await deliveriesOf(db, row.shard, eventIds);
  const entries = [
    ...evidenceRows.map(toEvidenceEntry),
    ...toDecisionEntries(eventRows),
    ...eventRows.map(event => toEventEntry(event, deliveryRows)),
  ];
  // Array.sort is stable: at the same moment evidence comes before the decision, and the decision before its event.
  return entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

function toEvidenceEntry(row: Awaited<ReturnType<typeof evidenceOf>>[number]): TimelineEntry {
  const { source, strength, says, refs, amount, result, note, callbackId, learntAt } = evidenceFromRow({
    ...row,
    transaction_id: row.transactionId,
    callback_id: row.callbackId,
    learnt_at: row.learntAt,
  });
  return {
    type: "evidence",
    at: learntAt.toISOString(),
    source,
    strength,
    says,
    callback_id: callbackId === null ? null : publicId("callback", callbackId),
    provider_refs: refs,
    amount: amount ? formatMoney(amount) : null,
    currency: amount?.currency ?? null,
    result: result ?? null,
    note: note ?? null,
  };
}

type TimelineEvent = Awaited<ReturnType<typeof eventsOf>>[number];

/** A decision for each version of the transaction that an event shows. */
function toDecisionEntries(events: TimelineEvent[]): TimelineEntry[] {
  const versions = new Set<string>();
  return events.flatMap(event => {
    const { transaction, previous_status } = JSON.parse(event.body).data;
    const key = `${transaction.id}|${transaction.version}`;
    if (versions.has(key)) return [];
    versions.add(key);
    return {
      type: "decision" as const,
      at: event.createdAt.toISOString(),
      status: transaction.status,
      previous_status: previous_status ?? null,
      status_source: transaction.status_source,
      version: transaction.version,
      review: transaction.review,
    };
  });
}

function toEventEntry(event: TimelineEvent, deliveries: Awaited<ReturnType<typeof deliveriesOf>>): TimelineEntry {
  return {
    type: "event",
    at: event.createdAt.toISOString(),
    event_id: publicId("event", event.id),
    event_type: event.type,
    sequence: event.sequence,
    deliveries: deliveries
      .filter(({ eventId }) => eventId === event.id)
      .map(each => ({
        id: publicId("delivery", each.id),
        endpoint_id: publicId("endpoint", each.endpointId),
        state: each.state,
        attempt_count: each.attempts,
      })),
  };
}
