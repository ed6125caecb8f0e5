import { and, asc, desc, eq, inArray } from "drizzle-orm";
import { deliveries } from "../../database/schema/deliveries.ts";
import { pollQueue, polls } from "../../database/schema/reconcile.ts";
import { starts } from "../../database/schema/starts.ts";
import { events, evidence, registrations } from "../../database/schema/transactions.ts";
import type { DrizzleQueryable } from "../deps.ts";

/** Rows of each sort that a timeline shows. No real transaction comes near. */
const timelineMax = 1_000;

/** What was registered for these transactions (one, and the merged id that was asked for), oldest first. */
export async function registrationsOf(db: DrizzleQueryable, shard: number, transactionIds: string[]) {
  return db
    .select()
    .from(registrations)
    .where(and(eq(registrations.shard, shard), inArray(registrations.transactionId, transactionIds)))
    .orderBy(asc(registrations.at), asc(registrations.id))
    .limit(timelineMax);
}

/** The polls of these transactions, whatever came of them, oldest first. */
export async function pollsOf(db: DrizzleQueryable, shard: number, transactionIds: string[]) {
  return db
    .select()
    .from(polls)
    .where(and(eq(polls.shard, shard), inArray(polls.transactionId, transactionIds)))
    .orderBy(asc(polls.at), asc(polls.id))
    .limit(timelineMax);
}

/** The calls by which Hakika started these transactions, oldest first. */
export async function startsOf(db: DrizzleQueryable, shard: number, transactionIds: string[]) {
  const { state, begunAt, endedAt, providerMessage } = starts;
  return db
    .select({ state, begunAt, endedAt, providerMessage })
    .from(starts)
    .where(and(eq(starts.shard, shard), inArray(starts.transactionId, transactionIds)))
    .orderBy(asc(starts.begunAt), asc(starts.id))
    .limit(timelineMax);
}

/** The last poll of a transaction; null before the first. */
export async function lastPollOf(db: DrizzleQueryable, shard: number, transactionId: string) {
  const [row] = await db
    .select({ at: polls.at, outcome: polls.outcome })
    .from(polls)
    .where(and(eq(polls.shard, shard), eq(polls.transactionId, transactionId)))
    .orderBy(desc(polls.at), desc(polls.id))
    .limit(1);
  return row ?? null;
}

/** A transaction's entry in the poll schedule; null where it has none. */
export async function pollEntryOf(db: DrizzleQueryable, shard: number, transactionId: string) {
  const [row] = await db
    .select({ dueAt: pollQueue.dueAt, endsAt: pollQueue.endsAt, askedAt: pollQueue.askedAt, tries: pollQueue.tries })
    .from(pollQueue)
    .where(and(eq(pollQueue.shard, shard), eq(pollQueue.transactionId, transactionId)));
  return row ?? null;
}

/** The evidence of a transaction, oldest first, at most 1,000 rows. */
export async function evidenceOf(db: DrizzleQueryable, shard: number, transactionId: string) {
  return db
    .select()
    .from(evidence)
    .where(and(eq(evidence.shard, shard), eq(evidence.transactionId, transactionId)))
    .orderBy(asc(evidence.learntAt), asc(evidence.id))
    .limit(timelineMax);
}

/** Events of these transactions (one, and the merged id that was asked for), oldest first. */
export async function eventsOf(db: DrizzleQueryable, shard: number, transactionIds: string[]) {
  return db
    .select()
    .from(events)
    .where(and(eq(events.shard, shard), inArray(events.transactionId, transactionIds)))
    .orderBy(asc(events.id))
    .limit(timelineMax);
}

/** The deliveries of these events, oldest first, at most 1,000 rows. */
export async function deliveriesOf(db: DrizzleQueryable, shard: number, eventIds: string[]) {
  if (eventIds.length === 0) return [];
  return db
    .select()
    .from(deliveries)
    .where(and(eq(deliveries.shard, shard), inArray(deliveries.eventId, eventIds)))
    .orderBy(asc(deliveries.id))
    .limit(timelineMax);
}
