import type { Evidence } from "../../domain/evidence.ts";
import type { Transaction } from "../../domain/transaction.ts";
import { evidenceOf } from "../evidence-store.ts";
import { canMerge, keepsIdFirst, type MergeCandidate } from "./can-merge.ts";
import { markDuplicateReceipt } from "./duplicate-receipt.ts";
import type { OwnedBatch } from "./find-owners.ts";
import type { Group } from "./group.ts";
import { idsBeforeReceipts } from "./identity-keys.ts";
import { keysOf, moveKeys } from "./key-store.ts";
import { lockOwners } from "./lock-owners.ts";
import { announcedAmong, moveTimeline } from "./merge-store.ts";
import { newTransaction } from "./new-transaction.ts";
import { endSameReference } from "./same-reference.ts";
import type { TransactionUpdate } from "./transaction-update.ts";

export type MergeResult = {
  updates: TransactionUpdate[];
  /** Transactions that were merged into another one. */
  merged: Transaction[];
};

/**
 * Locks the transactions of a batch and merges those that turned out to be one payment. Where two share a receipt but
 * cannot be merged, the one that learnt it later is marked as a duplicate.
 */
export async function mergeTransactions(batch: OwnedBatch): Promise<MergeResult> {
  const { tx, shard, groups } = batch;
  const merging: Merging = { batch, ...(await load(batch)), updates: new Map(), mergedInto: new Map(), merged: [] };
  for (const group of groups) mergeOwners(merging, group);
  // New transactions have claimed keys too.
  const moves = [...merging.mergedInto.keys()].map(from => ({ from, into: remainingId(merging, from) }));
  await moveKeys(tx, shard, moves);
  await moveTimeline(tx, shard, moves);
  return { updates: [...merging.updates.values()], merged: merging.merged };
}

type Loaded = {
  locked: ReadonlyMap<string, Transaction>;
  evidence: { transactionId: string; evidence: Evidence }[];
  keys: { key: string; transactionId: string }[];
  announced: ReadonlyMap<string, { completed: boolean }>;
};

type Merging = Loaded & {
  batch: OwnedBatch;
  updates: Map<string, TransactionUpdate>;
  /** By the id of a transaction that this batch merged: the id it was merged into. */
  mergedInto: Map<string, string>;
  merged: Transaction[];
};

/** Keys and events are read only where a merge is possible: few batches have one. */
async function load(batch: OwnedBatch): Promise<Loaded> {
  const { tx, shard, groups, created } = batch;
  const locked = await lockOwners(batch);
  const ids = [...locked.keys()];
  const mayMerge = groups.some(group => group.owners.size > 1);
  const [evidence, keys, announced] = await Promise.all([
    evidenceOf(tx, shard, ids),
    mayMerge ? keysOf(tx, shard, [...ids, ...created.keys()]) : [],
    mayMerge ? announcedAmong(tx, shard, ids) : new Map<string, { completed: boolean }>(),
  ]);
  return { locked, evidence, keys, announced };
}

/** Merges the owners of one group as far as they can be merged, and hands out the group's evidence. */
function mergeOwners(merging: Merging, group: Group): void {
  const owners = new Set([...group.owners].map(id => remainingId(merging, id)));
  const candidates = [...owners].map(id => candidateOf(merging, id, group)).sort(keepsIdFirst);
  const main = candidates[0]!;
  const unmerged: MergeCandidate[] = [];
  for (const other of candidates.slice(1)) {
    if (canMerge(main, other)) mergeInto(merging, main.update, other.update);
    else unmerged.push(other);
  }
  addGroup([main, ...unmerged], group);
  for (const other of unmerged) markDuplicateReceipt(main, other, group.keys, merging.batch.now);
}

/** The id that a transaction has after the merges of this batch. */
function remainingId(merging: Merging, id: string): string {
  const into = merging.mergedInto.get(id);
  return into === undefined ? id : remainingId(merging, into);
}

function candidateOf(merging: Merging, id: string, group: Group): MergeCandidate {
  const { keys, announced } = merging;
  return {
    update: updateOf(merging, id, group),
    keys: keys.filter(row => remainingId(merging, row.transactionId) === id).map(row => row.key),
    announcedCompleted: [...announced].some(
      ([other, { completed }]) => completed && remainingId(merging, other) === id,
    ),
  };
}

function updateOf({ batch, locked, evidence, updates }: Merging, id: string, group: Group): TransactionUpdate {
  const known = updates.get(id);
  if (known) return known;
  const stored = locked.get(id);
  const update: TransactionUpdate = {
    connection: group.connection,
    before: stored ?? newTransaction(id, batch.created.get(id) ?? group, batch.now),
    isNew: stored === undefined,
    registrations: [],
    starts: [],
    startOfMerged: null,
    known: evidence.filter(row => row.transactionId === id).map(row => row.evidence),
    fresh: [],
    merged: [],
    items: new Set(),
  };
  updates.set(id, update);
  return update;
}

/** Moves all evidence, registrations and items of `from` to `into`. */
function mergeInto(merging: Merging, into: TransactionUpdate, from: TransactionUpdate): void {
  const { id } = from.before;
  merging.updates.delete(id);
  merging.mergedInto.set(id, into.before.id);
  if (!from.isNew) merging.merged.push({ ...from.before, mergedInto: into.before.id, review: null });
  into.fresh.push(...from.known, ...from.fresh);
  const { registration } = from.before;
  if (registration) into.registrations.push({ registration, by: null, amend: false, position: null });
  into.registrations.push(...from.registrations);
  into.starts.push(...from.starts);
  into.startOfMerged ??= from.before.start ?? from.startOfMerged;
  into.merged.push(...from.merged);
  into.fresh.push(...endSameReference(into, from, merging.batch.now));
  for (const item of from.items) into.items.add(item);
  const announced = merging.announced.get(id);
  if (announced) into.merged.push({ from: id, announcedCompleted: announced.completed });
}

/**
 * Adds a group's evidence and registrations to its transactions. Each finding goes to the transaction that owns one of
 * its ids, otherwise to the group's main transaction: the one that owns the group's ids.
 */
function addGroup(candidates: MergeCandidate[], group: Group): void {
  const ownerOf = (keys: Iterable<string>) =>
    idsBeforeReceipts(keys)
      .map(key => candidates.find(candidate => candidate.keys.includes(key)))
      .find(candidate => candidate !== undefined);
  const main = (ownerOf(group.keys) ?? candidates[0]!).update;
  for (const e of group.evidence) {
    const owner = candidates.length > 1 ? ownerOf(e.identity) : undefined;
    (owner?.update ?? main).fresh.push(e);
  }
  main.registrations.push(...group.registrations);
  main.starts.push(...group.starts);
  for (const { update } of candidates) for (const item of group.items) update.items.add(item);
}
