import type { Connection } from "../../connections/connection.ts";
import type { Tx } from "../../database/connect.ts";
import type { Evidence } from "../../domain/evidence.ts";
import { digestUuid } from "../../domain/ids.ts";
import { isFinal } from "../../domain/kinds.ts";
import type { Registration, Transaction } from "../../domain/transaction.ts";
import { newTransaction } from "../apply/new-transaction.ts";
import { ConcurrentUpdate } from "../concurrent-update.ts";
import { evidenceOf } from "../evidence-store.ts";
import { confirmAwaitingIds } from "./awaiting-ids.ts";
import { canMerge, type MergeCandidate, survivorFirst } from "./can-merge.ts";
import { type Group, isReceipt } from "./group.ts";
import { keysOf, moveKeys } from "./key-store.ts";
import { lookUpKeys } from "./keys.ts";
import { lockTransactions, toldOf } from "./merge-store.ts";

/** One transaction of a batch with everything known and new about it. */
export type TransactionUpdate = {
  connection: Connection;
  before: Transaction;
  isNew: boolean;
  registrations: Registration[];
  known: Evidence[];
  fresh: Evidence[];
  merged: { from: string; toldCompleted: boolean }[];
  items: Set<number>;
};

export type MergeResult = {
  subjects: TransactionUpdate[] /** Transactions that another one took in. */;
  absorbed: Transaction[];
};

/**
 * Locks the transactions of a batch and brings together what turned out to be one payment. Where two of them share a receipt but
 * cannot be one, the one that learnt it later is marked as its duplicate.
 */
export async function mergeTransactions(
  tx: Tx,
  shard: number,
  groups: Group[],
  created: Map<string, Group>,
  now: Date,
): Promise<MergeResult> {
  const locked = await lockAll(tx, shard, groups, created);
  const ids = [...locked.keys()];
  const contested = groups.some(group => group.owners.size > 1);
  const [evidence, keys, told] = await Promise.all([
    evidenceOf(tx, shard, ids),
    contested ? keysOf(tx, shard, [...ids, ...created.keys()]) : [],
    contested ? toldOf(tx, shard, ids) : new Map<string, { completed: boolean }>(),
  ]);
  const subjects = new Map<string, TransactionUpdate>();
  const absorbed: Transaction[] = [];
  /** Transactions merged in this batch: whatever else of it names one is about the survivor. */
  const mergedInto = new Map<string, string>();
  const survivorOf = (id: string): string => {
    const into = mergedInto.get(id);
    return into === undefined ? id : survivorOf(into);
  };

  const subjectOf = (id: string, group: Group): TransactionUpdate => {
    const known = subjects.get(id);
    if (known) return known;
    const existing = locked.get(id);
    const subject: TransactionUpdate = {
      connection: group.connection,
      before: existing ?? newTransaction(id, created.get(id) ?? group, now),
      isNew: existing === undefined,
      registrations: [],
      known: evidence.filter(e => e.transactionId === id).map(e => e.evidence),
      fresh: [],
      merged: [],
      items: new Set(),
    };
    subjects.set(id, subject);
    return subject;
  };
  const contender = (id: string, group: Group): MergeCandidate => ({
    transaction: subjectOf(id, group).before,
    keys: keys.filter(k => survivorOf(k.transactionId) === id).map(k => k.key),
    toldCompleted: [...told].some(([other, { completed }]) => completed && survivorOf(other) === id),
  });

  for (const group of groups) {
    const owners = [...new Set([...group.owners].map(survivorOf))];
    const contenders = owners.map(id => contender(id, group)).sort(survivorFirst);
    const survivor = contenders[0]!;
    const subject = subjectOf(survivor.transaction.id, group);
    const apart: MergeCandidate[] = [];
    for (const other of contenders.slice(1)) {
      if (!canMerge(survivor, other)) {
        apart.push(other);
        continue;
      }
      const from = subjectOf(other.transaction.id, group);
      subjects.delete(other.transaction.id);
      mergedInto.set(other.transaction.id, survivor.transaction.id);
      absorb(subject, from, told.get(other.transaction.id));
      if (!from.isNew) absorbed.push({ ...from.before, mergedInto: subject.before.id, review: null });
    }
    share(group, [survivor, ...apart], id => subjectOf(id, group));
    for (const other of apart) markDuplicate(survivor, other, group, id => subjectOf(id, group), now);
  }
  for (const t of absorbed) await moveKeys(tx, shard, [t.id], t.mergedInto!);
  return { subjects: [...subjects.values()], absorbed };
}

/**
 * Locks what the groups name, in one go and in id order. One that was merged meanwhile begins the batch anew: its ids name the
 * survivor by now. To lock the survivor beside it, out of order, would be a circle with whoever still holds both. So does one that
 * was found by a reference and is not what was looked for any more.
 */
async function lockAll(
  tx: Tx,
  shard: number,
  groups: Group[],
  created: Map<string, Group>,
): Promise<Map<string, Transaction>> {
  const wanted = new Set(groups.flatMap(group => [...group.owners]).filter(id => !created.has(id)));
  const locked = new Map((await lockTransactions(tx, shard, [...wanted])).map(t => [t.id, t]));
  await confirmAwaitingIds(tx, shard, groups);
  for (const id of wanted) if (!locked.has(id)) throw new Error(`transaction ${id} has keys but no row`);
  for (const t of locked.values())
    if (t.mergedInto !== null) throw new ConcurrentUpdate(`transaction ${t.id} was merged`);
  for (const { presumed: found } of groups) {
    const t = found === null ? undefined : locked.get(found.id);
    const changed = found?.presumed === "unfinished" ? t && isFinal(t.status) : t?.registered;
    if (changed) throw new ConcurrentUpdate(`transaction ${t?.id} is another payment's by now`);
  }
  return locked;
}

/** Everything of `from` becomes the survivor's: its evidence, its registration, its place in the batch. */
function absorb(subject: TransactionUpdate, from: TransactionUpdate, told: { completed: boolean } | undefined): void {
  subject.fresh.push(...from.known, ...from.fresh);
  if (from.before.registration) subject.registrations.push(from.before.registration);
  subject.registrations.push(...from.registrations);
  subject.merged.push(...from.merged);
  for (const item of from.items) subject.items.add(item);
  if (told) subject.merged.push({ from: from.before.id, toldCompleted: told.completed });
}

/** Each piece goes to the transaction that one of its own ids names; what names none, to the one that the group's ids name. */
function share(group: Group, contenders: MergeCandidate[], subjectOf: (id: string) => TransactionUpdate): void {
  const named = (keys: Iterable<string>): MergeCandidate | undefined => {
    const sorted = lookUpKeys([...keys]);
    return sorted.map(key => contenders.find(c => c.keys.includes(key))).find(c => c !== undefined);
  };
  const home = subjectOf((named(group.keys) ?? contenders[0]!).transaction.id);
  for (const e of group.evidence) {
    const holder = contenders.length > 1 ? named(e.identity) : undefined;
    (holder ? subjectOf(holder.transaction.id) : home).fresh.push(e);
  }
  home.registrations.push(...group.registrations);
  for (const { transaction } of contenders) for (const item of group.items) subjectOf(transaction.id).items.add(item);
}

/** The one that does not hold the receipt learnt it later. */
function markDuplicate(
  a: MergeCandidate,
  b: MergeCandidate,
  group: Group,
  subjectOf: (id: string) => TransactionUpdate,
  now: Date,
): void {
  const receipts = [...group.keys].filter(isReceipt);
  const holds = (c: MergeCandidate) => receipts.some(key => c.keys.includes(key));
  const [first, later] = holds(b) && !holds(a) ? [b, a] : [a, b];
  const subject = subjectOf(later.transaction.id);
  const id = digestUuid(`duplicate|${later.transaction.id}|${first.transaction.id}`);
  if (subject.known.some(e => e.id === id)) return;
  subject.fresh.push({
    id,
    source: "callback",
    strength: "hint",
    callbackId: null,
    reading: 1,
    learntAt: now,
    kind: later.transaction.kind,
    says: "nothing",
    refs: {},
    identity: [],
    duplicateOf: first.transaction.id,
  });
}
