import { isFinal } from "../../domain/kinds.ts";
import type { Transaction } from "../../domain/transaction.ts";
import { ConcurrentUpdate } from "../concurrent-update.ts";
import { confirmAwaitingIds } from "./awaiting-ids.ts";
import type { OwnedBatch } from "./find-owners.ts";
import { lockTransactions } from "./merge-store.ts";

/**
 * Locks the existing owners of a batch's groups, in one statement and in id order. Throws `ConcurrentUpdate` where an
 * owner is no longer what the search found: it was merged, or it was found by reference and has been paid or registered
 * since. A merged owner is not replaced here by the transaction it was merged into: to lock that one out of id order
 * could deadlock with a batch that holds both.
 */
export async function lockOwners({ tx, shard, groups, created }: OwnedBatch): Promise<Map<string, Transaction>> {
  const ids = new Set(groups.flatMap(group => [...group.owners]).filter(id => !created.has(id)));
  const locked = new Map((await lockTransactions(tx, shard, [...ids])).map(t => [t.id, t]));
  await confirmAwaitingIds(tx, shard, groups);
  for (const id of ids) if (!locked.has(id)) throw new Error(`transaction ${id} has keys but no row`);
  for (const t of locked.values()) {
    if (t.mergedInto !== null) throw new ConcurrentUpdate(`transaction ${t.id} was merged`);
  }
  for (const { foundByReference } of groups) {
    if (foundByReference === null) continue;
    const { transactionId, expected } = foundByReference;
    const t = locked.get(transactionId);
    const hasChanged = t !== undefined && (expected === "unfinished" ? isFinal(t.status) : t.registered);
    if (hasChanged) throw new ConcurrentUpdate(`transaction ${transactionId} is no longer ${expected}`);
  }
  return locked;
}
