import { databaseNow } from "../database/clock.ts";
import type { Tx } from "../database/connect.ts";
import type { Event } from "../domain/events.ts";
import { isFinal, type Kind } from "../domain/kinds.ts";
import type { Transaction } from "../domain/transaction.ts";
import { fanOut } from "../outbox/fan-out.ts";
import { connectionCanPoll } from "../providers/can-poll.ts";
import { releasePolls } from "../schedule/queue-store.ts";
import type { ScheduleChange } from "../schedule/schedule-entry.ts";
import { syncSchedule } from "../schedule/sync-schedule.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { type Advance, advance, mergeRegistration } from "./apply/advance.ts";
import { announce } from "./apply/announce.ts";
import { messageEvents } from "./apply/messages.ts";
import { writeReadings } from "./apply/reading-store.ts";
import { giveBack, reversalsOf, reversedBy } from "./apply/reversals.ts";
import { insertRefs, insertTransactions, updateTransactions } from "./apply/transaction-write-store.ts";
import { ConcurrentUpdate } from "./concurrent-update.ts";
import { insertEvidence } from "./evidence-store.ts";
import { takeOffQueue } from "./inbox/inbox-store.ts";
import { type Settled, type SettleItem, settleItem } from "./item.ts";
import { findOwners } from "./match/find-owners.ts";
import { type Group, groupItems } from "./match/group.ts";
import { freeKeys, type IdentityKey } from "./match/key-store.ts";
import { awaitingIdsKey, lookUpKeys } from "./match/keys.ts";
import { mergeTransactions, type TransactionUpdate } from "./match/merge-transactions.ts";
import type { SettleDeps } from "./settle-deps.ts";
import { resolveMerged } from "./transaction-store.ts";

const racesMax = 20;
const retriedCodes = new Set(["40P01", "40001"]);

/** What a batch did, told after its commit. */
export type BatchResult = {
  settled: Settled[];
  /** What merchants are told of it. */
  events: Event[];
  wake: string[];
  pollNow: { shard: number; connectionId: string; transactionId: string }[];
  /** Connections that must not be asked about this kind any more: a question did harm. */
  pollingStops: { connectionId: string; kind: Kind; reason: string }[];
};

/**
 * Settles a batch of one shard in one database transaction: evidence, status, events and deliveries commit together or not at
 * all. The only place that changes a status.
 */
export async function settleBatch(deps: SettleDeps, shard: number, items: SettleItem[]): Promise<BatchResult> {
  const startedMs = performance.now();
  for (let race = 1; ; race += 1) {
    try {
      const written = (await deps.sql.begin(tx => settleIn(deps, tx, shard, items))) as BatchResult;
      publishSettled(deps.telemetry, shard, written, performance.now() - startedMs);
      return written;
    } catch (error) {
      const again = error instanceof ConcurrentUpdate || retriedCodes.has((error as { code?: string }).code ?? "");
      if (!again || race >= racesMax) throw error;
    }
  }
}

function publishSettled(telemetry: Telemetry, shard: number, { settled, events }: BatchResult, ms: number): void {
  telemetry.publish("batch.settled", () => ({
    shard,
    settled,
    events: events.map(({ id, type, transactionId }) => ({ id, type, transactionId })),
    ms,
  }));
}

async function settleIn(deps: SettleDeps, tx: Tx, shard: number, items: SettleItem[]): Promise<BatchResult> {
  const held = items.flatMap(item => (item.callback?.leaseId ? [item.callback] : []));
  const asks = items.flatMap(item => item.poll ?? []);
  const [now, taken, answered] = await Promise.all([
    databaseNow(tx),
    takeOffQueue(tx, shard, held),
    asks.length > 0 ? releasePolls(tx, shard, asks) : new Set<string>(),
  ]);
  const lost = items.map(
    ({ callback, poll }) =>
      (callback?.leaseId != null && !taken.has(callback.id)) || (poll !== null && !answered.has(poll.leaseId)),
  );
  const survivors = await resolveMerged(
    tx,
    shard,
    items.flatMap(item => item.target ?? []),
  );
  const live = items.map((item, at) =>
    lost[at] || item.problems.length > 0 ? nothing(item) : { ...item, target: aliased(item.target, survivors) },
  );

  const groups = groupItems(live, (item, r) =>
    lookUpKeys(deps.providers.get(item.connection.provider)?.identity(r.kind, r.refs) ?? []),
  );
  const created = await findOwners(tx, shard, groups, deps.providers);
  const [{ subjects, absorbed }, givenBack] = await Promise.all([
    mergeTransactions(tx, shard, groups, created, now),
    reversalsOf(tx, shard, groups),
  ]);
  giveBack(subjects, givenBack, now);
  const steps = subjects.map(subject => step(deps, subject, now));
  const heard = live.filter((_, at) => !lost[at]);
  const messages = await messageEvents(tx, shard, heard, now);

  const inserted = steps.filter(s => s.subject.isNew).map(s => s.after);
  const updated = steps.filter(s => !s.subject.isNew && s.touched).map(s => s.after);
  const whereabouts = transactionsOfItems(items.length, subjects);
  const events = [...steps.flatMap(s => s.events), ...messages];
  const [wake] = await Promise.all([
    fanOut(tx, shard, events),
    insertTransactions(tx, shard, inserted, deps.phoneHash),
    updateTransactions(tx, shard, [...updated, ...absorbed], deps.phoneHash),
    insertEvidence(
      tx,
      shard,
      steps.flatMap(s => s.subject.fresh.map(evidence => ({ transactionId: s.after.id, evidence }))),
    ),
    insertRefs(
      tx,
      shard,
      steps.filter(s => s.touched || s.subject.isNew).map(s => s.after),
    ),
    writeReadings(tx, shard, readingRows(items, lost, whereabouts)),
    syncSchedule(tx, shard, [...steps.map(moved), ...absorbed.map(departed)], deps.providers),
    freeKeys(tx, shard, steps.flatMap(slotsToFree)),
  ]);
  const reversed = await reversedBy(tx, shard, steps, now);
  const after: Omit<BatchResult, "settled"> =
    reversed.length > 0
      ? await settleIn(deps, tx, shard, reversed)
      : { events: [], wake: [], pollNow: [], pollingStops: [] };
  const isNew = new Set(inserted.map(t => t.id));
  const finished = new Set(steps.filter(hasFinished).map(s => s.after.id));
  return {
    settled: items.map(({ callback }, at) => ({
      callbackId: callback?.id ?? null,
      lost: lost[at]!,
      transactionIds: whereabouts[at]!,
      statuses: whereabouts[at]!.flatMap(id => steps.find(s => s.after.id === id)?.after.status ?? []),
      created: whereabouts[at]!.some(id => isNew.has(id)),
      finished: whereabouts[at]!.some(id => finished.has(id)),
    })),
    events: [...events, ...after.events],
    wake: [...new Set([...wake, ...after.wake])],
    pollNow: [...steps.filter(s => s.pollNow).map(rung), ...after.pollNow],
    pollingStops: [...stopsOf(groups, steps), ...after.pollingStops],
  };
}

function hasFinished({ subject, after }: TransactionChange): boolean {
  return isFinal(after.status) && (subject.isNew || !isFinal(subject.before.status));
}

function rung({ after }: TransactionChange): BatchResult["pollNow"][number] {
  return { shard: after.shard, connectionId: after.connectionId, transactionId: after.id };
}

function stopsOf(groups: Group[], steps: TransactionChange[]): BatchResult["pollingStops"] {
  return groups.flatMap(group =>
    group.stops.flatMap(({ transactionId, reason }) => {
      const asked = steps.find(s => s.after.id === transactionId)?.after;
      return asked ? [{ connectionId: asked.connectionId, kind: asked.kind, reason }] : [];
    }),
  );
}

function moved({ subject, after, pollNow }: TransactionChange): ScheduleChange {
  return { connection: subject.connection, before: subject.isNew ? null : subject.before, after, pollNow };
}

/** A merged transaction is asked about no more. */
function departed(absorbed: Transaction): ScheduleChange {
  return { connection: null, before: { ...absorbed, mergedInto: null }, after: absorbed, pollNow: false };
}

/** A registration that has its ids now, or is finished, no longer waits for them. */
function slotsToFree({ subject, after }: TransactionChange): IdentityKey[] {
  const waited = subject.before.registration ?? subject.registrations[0];
  if (!waited || Object.keys(waited.refs).length > 0) return [];
  const named = Object.keys(after.registration?.refs ?? {}).length > 0;
  const slot = awaitingIdsKey(waited);
  return slot !== null && (named || isFinal(after.status)) ? [{ connectionId: subject.connection.id, key: slot }] : [];
}

/** What is said of a merged transaction is said of the one that took it in. */
function aliased(target: string | null, survivors: Map<string, string>): string | null {
  return target && (survivors.get(target) ?? target);
}

/** An item of which only its reading is written. */
function nothing(item: SettleItem): SettleItem {
  return settleItem(item.connection, { callback: item.callback });
}

type TransactionChange = {
  subject: TransactionUpdate;
  after: Transaction;
  events: Event[];
  touched: boolean;
  pollNow: boolean;
};

/** One transaction's way through a batch: registrations, evidence, decision, events. */
function step(deps: SettleDeps, subject: TransactionUpdate, now: Date): TransactionChange {
  const { connection, isNew, registrations } = subject;
  const registered = registrations.reduce(mergeRegistration, subject.before);
  const evidence = [...subject.known, ...subject.fresh];
  const next: Advance = advance({
    before: registered,
    shown: subject.before,
    evidence,
    connection,
    canPoll: connectionCanPoll(deps.providers, connection, registered.kind),
    now,
  });
  const changed = next.changed || registered !== subject.before;
  const bornOfCallback = isNew && registrations.length === 0;
  const { events, sequence } = announce(
    {
      before: subject.before,
      after: next.changed ? next.after : registered,
      previousStatus: bornOfCallback ? null : subject.before.status,
      merged: subject.merged,
    },
    now,
  );
  const after = { ...(next.changed ? next.after : registered), sequence };
  if (isNew) after.version = 1;
  return {
    subject,
    after,
    events,
    touched: changed || events.length > 0,
    pollNow: next.decision.pollNow && isNews(subject),
  };
}

/** A success rings once, when it is heard: what the provider says to it does not ring again. */
function isNews(subject: TransactionUpdate): boolean {
  return subject.fresh.some(e => e.source === "callback" && (e.says === "completed" || e.says === "refunded"));
}

function transactionsOfItems(count: number, subjects: TransactionUpdate[]): string[][] {
  const ids: string[][] = Array.from({ length: count }, () => []);
  for (const subject of subjects) for (const at of subject.items) ids[at]!.push(subject.before.id);
  return ids;
}

function readingRows(items: SettleItem[], lost: boolean[], whereabouts: string[][]) {
  return items.flatMap((item, at) => {
    if (!item.callback || lost[at]) return [];
    const { id, reading } = item.callback;
    const state = item.problems.length > 0 ? ("quarantined" as const) : ("processed" as const);
    return [{ callbackId: id, reading, state, problems: item.problems, transactionIds: whereabouts[at]! }];
  });
}
