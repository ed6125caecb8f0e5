import { insertQuarantinedWords, type QuarantinedWord } from "../../database/quarantined-words-store.ts";
import { isFinal } from "../../domain/kinds.ts";
import type { Transaction } from "../../domain/transaction.ts";
import { fanOut } from "../../outbox/fan-out.ts";
import type { ScheduleChange } from "../../schedule/schedule-entry.ts";
import { syncSchedule } from "../../schedule/sync-schedule.ts";
import { insertEvidence } from "../evidence-store.ts";
import { awaitingIdsKey } from "../match/identity-keys.ts";
import { deleteKeys, type OwnedIdentityKey } from "../match/key-store.ts";
import type { TransactionUpdate } from "../match/transaction-update.ts";
import { writeStarts } from "../starts/start-store.ts";
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
  /** Endpoints with new deliveries. */
  wake: string[];
};

/**
 * Stage 6: writes transactions, evidence, events, deliveries and schedule. The statements are sent together, without
 * waiting in between.
 */
export async function writeChanges(batch: DecidedBatch): Promise<WrittenBatch> {
  const { deps, tx, shard, changes, merged, updates } = batch;
  const inserted = changes.filter(change => change.update.isNew);
  const updated = changes.filter(change => !change.update.isNew && change.isTouched);
  const transactionIds = transactionIdsByItem(batch.items.length, updates);
  const [wake] = await Promise.all([
    fanOut(tx, shard, batch.events),
    insertTransactions(tx, shard, inserted.map(afterOf), deps.phones),
    updateTransactions(tx, shard, [...updated.map(afterOf), ...merged], deps.phones),
    insertEvidence(tx, shard, changes.flatMap(evidenceRows)),
    insertRegistrations(
      tx,
      shard,
      changes.flatMap(change => registrationRows(change, batch.now)),
    ),
    insertRefs(tx, shard, changes.filter(change => change.isTouched || change.update.isNew).map(afterOf)),
    writeReadings(tx, shard, readingRows(batch, transactionIds)),
    insertQuarantinedWords(tx, shard, quarantinedWords(batch)),
    syncSchedule(tx, shard, [...changes.map(scheduleChange), ...merged.map(mergedScheduleChange)], deps.providers),
    deleteKeys(tx, shard, changes.flatMap(keysNoLongerAwaited)),
    writeStarts(
      tx,
      shard,
      changes.flatMap(({ update, after }) => update.starts.map(step => ({ step, transactionId: after.id }))),
    ),
  ]);
  const alerted = await syncBatchAlerts(batch);
  return { ...batch, transactionIds, wake: [...wake, ...alerted] };
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
