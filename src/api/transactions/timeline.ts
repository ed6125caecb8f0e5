import { z } from "zod";
import { sources } from "../../domain/evidence.ts";
import { publicId } from "../../domain/ids.ts";
import { statuses } from "../../domain/kinds.ts";
import { formatMoney } from "../../domain/money.ts";
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
    .meta({ description: "An operator's", examples: [null] }),
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
  .meta({ description: "What was learnt, what was decided, what was told: oldest first" });

type TimelineEntry = z.output<typeof timelineSchema>[number];

/** Everything known of how a transaction came to its status. `askedId` is the id it was asked for by: an alias has events too. */
export async function timelineOf(
  db: DrizzleQueryable,
  row: ListedTransactionRow,
  askedId: string,
): Promise<TimelineEntry[]> {
  const [learnt, told] = await Promise.all([
    evidenceOf(db, row.shard, row.id),
    eventsOf(db, row.shard, [...new Set([row.id, askedId])]),
  ]);
  const owed = await deliveriesOf(
    db,
    row.shard,
    told.map(({ id }) => id),
  );
  const entries = [...learnt.map(learntEntry), ...decisions(told), ...told.map(event => toldEntry(event, owed))];
  // Array.sort is stable: at one moment evidence stands before what was decided on it, and that before what was told of it.
  return entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

type TimelineFinding = {
  refs?: Record<string, string>;
  amount?: { minor: string; currency: string };
  result?: { code: string; description: string };
  note?: string;
};

function learntEntry(row: Awaited<ReturnType<typeof evidenceOf>>[number]): TimelineEntry {
  const { refs, amount, result, note } = row.finding as TimelineFinding;
  return {
    type: "evidence",
    at: row.learntAt.toISOString(),
    source: row.source as z.output<typeof evidenceEntry>["source"],
    strength: row.strength,
    says: row.says,
    callback_id: row.callbackId === null ? null : publicId("callback", row.callbackId),
    provider_refs: refs ?? {},
    amount: amount ? formatMoney({ minor: BigInt(amount.minor), currency: amount.currency }) : null,
    currency: amount?.currency ?? null,
    result: result ?? null,
    note: note ?? null,
  };
}

type TimelineEvent = Awaited<ReturnType<typeof eventsOf>>[number];

/** One for each version an event tells of: an event shows the transaction as it was decided. */
function decisions(told: TimelineEvent[]): TimelineEntry[] {
  const versions = new Set<string>();
  return told.flatMap(event => {
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

function toldEntry(event: TimelineEvent, owed: Awaited<ReturnType<typeof deliveriesOf>>): TimelineEntry {
  return {
    type: "event",
    at: event.createdAt.toISOString(),
    event_id: publicId("event", event.id),
    event_type: event.type,
    sequence: event.sequence,
    deliveries: owed
      .filter(({ eventId }) => eventId === event.id)
      .map(each => ({
        id: publicId("delivery", each.id),
        endpoint_id: publicId("endpoint", each.endpointId),
        state: each.state as "pending",
        attempt_count: each.attempts,
      })),
  };
}
