import { insertQuarantinedWords, type QuarantinedWord } from "../../database/quarantined-words-store.ts";
import { allSent } from "../../database/sent-together.ts";
import { newUuid } from "../../domain/ids.ts";
import { isFinal } from "../../domain/kinds.ts";
import type { Transaction } from "../../domain/transaction.ts";
import { type Subscriber, subscribersOf } from "../../outbox/fan-out-store.ts";
import { writeOutgoing } from "../../outbox/outgoing.ts";
import { insertRelays, type NewRelay } from "../../outbox/relay-store.ts";
import type { ScheduleChange } from "../../schedule/schedule-entry.ts";
import { syncSchedule } from "../../schedule/sync-schedule.ts";
import { insertEvidence } from "../evidence-store.ts";
import type { OwnedBatch } from "../match/find-owners.ts";
import { awaitingIdsKey } from "../match/identity-keys.ts";
import { deleteKeys, type OwnedIdentityKey } from "../match/key-store.ts";
import type { TransactionUpdate } from "../match/transaction-update.ts";
import { writeStarts } from "../starts/start-store.ts";
import { insertBalances } from "./balance-store.ts";
import { syncBatchAlerts } from "./batch-alerts.ts";
import type { DecidedBatch } from "./decide-changes.ts";
import { type ReadingRow, writeReadings } from "./reading-store.ts";
import { insertRegistrations } from "./registration-store.ts";
import type { TransactionChange } from "./transaction-change.ts";
import { insertRefs, insertTransactions, updateTransactions } from "./transaction-write-store.ts";

/** A batch that was written. */
export type WrittenBatch = DecidedBatch & {
  /** By item: the transactions it is about. */
  transactionIds: string[][];
  /** Rejects where a statement failed, and with it the database transaction. */
  written: Promise<unknown>;
  /** Endpoints to wake for the alerts that the batch opened or closed. */
  alerted: string[];
};

/**
 * Asks for the endpoints of the batch's merchants, in one trip with the statements before the changes. Not cached: an
 * event that commits after an endpoint was created is delivered to it.
 */
export function findSubscribersEarly({ tx, shard, items, groups }: OwnedBatch): EarlySubscribers {
  const merchantIds = [...new Set(items.map(({ connection }) => connection.merchantId))];
  const isNeeded = groups.length > 0 || items.some(({ messages }) => messages.length > 0);
  const asked = isNeeded ? merchantIds : [];
  const found = asked.length === 0 ? Promise.resolve([]) : subscribersOf(tx, shard, asked);
  found.catch(() => {});
  return { merchantIds: new Set(asked), found };
}

export type EarlySubscribers = { merchantIds: ReadonlySet<string>; found: Promise<Subscriber[]> };

async function subscribersFor({ tx, shard, events }: DecidedBatch, early: EarlySubscribers): Promise<Subscriber[]> {
  const others = events.map(event => event.merchantId).filter(id => !early.merchantIds.has(id));
  const more = others.length === 0 ? [] : await subscribersOf(tx, shard, [...new Set(others)]);
  return [...(await early.found), ...more];
}

/**
 * Stage 6: writes transactions, evidence, events, deliveries and schedule. The statements are sent together, and the
 * commit after them, without waiting in between: each of these functions sends its statements at once.
 */
export async function writeChanges(batch: DecidedBatch, early: EarlySubscribers): Promise<WrittenBatch> {
  const { deps, tx, shard, changes, merged, updates } = batch;
  const subscribers = await subscribersFor(batch, early);
  const inserted = changes.filter(change => change.update.isNew);
  const updated = changes.filter(change => !change.update.isNew && change.isTouched);
  const transactionIds = transactionIdsByItem(batch.items.length, updates);
  const sending = [
    batch.claiming,
    writeEvents(batch, subscribers),
    insertTransactions(tx, shard, inserted.map(afterOf), deps.phones),
    updateTransactions(tx, shard, [...updated.map(afterOf), ...merged], deps.phones),
    insertEvidence(tx, shard, changes.flatMap(evidenceRows)),
    insertRegistrations(
      tx,
      shard,
      changes.flatMap(change => registrationRows(change, batch.now)),
    ),
    insertRefs(tx, shard, changes.filter(change => change.isTouched || change.update.isNew).map(afterOf)),
    insertBalances(
      tx,
      shard,
      batch.items.flatMap(({ balances }, position) => (batch.lost[position] ? [] : balances)),
    ),
    writeReadings(tx, shard, readingRows(batch, transactionIds)),
    insertRelays(tx, shard, relayRows(batch)),
    insertQuarantinedWords(tx, shard, quarantinedWords(batch)),
    syncSchedule(tx, shard, [...changes.map(scheduleChange), ...merged.map(mergedScheduleChange)], deps.providers),
    deleteKeys(tx, shard, changes.flatMap(keysNoLongerAwaited)),
    writeStarts(
      tx,
      shard,
      changes.flatMap(({ update, after }) => update.starts.map(step => ({ step, transactionId: after.id }))),
      deps.phones,
    ),
  ];
  const written = allSent(sending);
  written.catch(() => {});
  // Of what fails before it is sent the database does not know: it would commit the rest.
  await Promise.race([Promise.all(sending), statementsSent()]);
  return { ...batch, transactionIds, written, alerted: await syncBatchAlerts(batch, written) };
}

/** postgres.js sends a statement some microtasks after it was made. */
async function statementsSent(): Promise<void> {
  await new Promise(resolve => setImmediate(resolve));
}

async function writeEvents({ deps, tx, shard, events, outgoing }: DecidedBatch, subscribers: Subscriber[]) {
  if (events.length === 0) return;
  const sending = writeOutgoing(tx, shard, events, subscribers, deps.deliveryHandOver?.() ?? null);
  outgoing.push(sending);
  await sending.held;
}

const afterOf = (change: TransactionChange): Transaction => change.after;

function transactionIdsByItem(count: number, updates: TransactionUpdate[]): string[][] {
  const ids: string[][] = Array.from({ length: count }, () => []);
  for (const { items, before } of updates) for (const position of items) ids[position]!.push(before.id);
  return ids;
}

function evidenceRows({ update, after }: TransactionChange) {
  return update.fresh.map(evidence => ({ transactionId: after.id, evidence }));
}

/** A repetition that says nothing new is no registration of its own. */
function registrationRows({ registered, after, update }: TransactionChange, at: Date) {
  const isFirst = update.before.registration === null;
  return registered
    .filter(({ amended }) => isFirst || amended !== null || hasNewRefs(update, after))
    .map(taken => ({ ...taken, transactionId: after.id, at }));
}

function hasNewRefs({ before }: TransactionUpdate, after: Transaction): boolean {
  const count = (t: Transaction) => Object.keys(t.registration?.refs ?? {}).length;
  return count(after) > count(before);
}

function readingRows({ items, lost }: DecidedBatch, transactionIds: string[][]): ReadingRow[] {
  return items.flatMap(({ callback, problems, evidence }, position) => {
    if (!callback || lost[position]) return [];
    const state = problems.length > 0 ? "quarantined" : "processed";
    const { id: callbackId, reading, readAs = null, wrongReceiver = null } = callback;
    const changed = evidence.some(e => e.changed);
    const ids = transactionIds[position]!;
    return [{ callbackId, reading, state, problems, transactionIds: ids, changed, readAs, wrongReceiver }];
  });
}

/** A callback goes on once, when it is read first; what failed verification never comes here. */
function relayRows({ items, lost, shard }: DecidedBatch): NewRelay[] {
  return items.flatMap(({ callback, connection }, position) => {
    const { relay } = connection.settings;
    if (!callback || !relay || lost[position] || callback.reading > 1) return [];
    const { id: callbackId, channel } = callback;
    if (relay.channels !== undefined && !relay.channels.includes(channel)) return [];
    return [
      { id: newUuid(shard), callbackId, merchantId: connection.merchantId, connectionId: connection.id, channel },
    ];
  });
}

function quarantinedWords({ items, lost }: DecidedBatch): QuarantinedWord[] {
  return items.flatMap(({ callback, problems }, position) => {
    if (!callback?.words || problems.length === 0 || lost[position]) return [];
    return callback.words.map(word => ({ callbackId: callback.id, word }));
  });
}

function scheduleChange({ update, after, pollAfterMs }: TransactionChange): ScheduleChange {
  return { connection: update.connection, before: update.isNew ? null : update.before, after, pollAfterMs };
}

/** Takes a merged transaction off the schedule. */
function mergedScheduleChange(merged: Transaction): ScheduleChange {
  return { connection: null, before: { ...merged, mergedInto: null }, after: merged, pollAfterMs: null };
}

/** The key of a registration that awaited its ids, once it has them or is final. */
function keysNoLongerAwaited({ update, after }: TransactionChange): OwnedIdentityKey[] {
  const waiting = update.before.registration ?? update.registrations[0]?.registration;
  if (!waiting || Object.keys(waiting.refs).length > 0) return [];
  const key = awaitingIdsKey(waiting);
  const hasIds = Object.keys(after.registration?.refs ?? {}).length > 0;
  return key !== null && (hasIds || isFinal(after.status))
    ? [{ connectionId: update.connection.id, key, transactionId: after.id }]
    : [];
}
