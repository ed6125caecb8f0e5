import type { Tx } from "../../database/connect.ts";
import type { Batch } from "../batch.ts";
import { refuseStarted } from "../starts/refuse-started.ts";
import { attachAwaitingIds, awaitingIdsKeysOf } from "./awaiting-ids.ts";
import { attachByRecipient } from "./by-recipient.ts";
import { attachByReference } from "./by-reference.ts";
import { type ClaimedKeys, claimFreeKeys } from "./claim-free-keys.ts";
import { attachDeferredAnswers, deferredAnswerKeys } from "./deferred-answers.ts";
import type { Group } from "./group.ts";
import { type GroupedBatch, groupItems } from "./group-items.ts";
import { haveConflictingIds, isReceipt, isUniqueId, referenceKey } from "./identity-keys.ts";
import { type IdentityKey, type KeyOwners, keysOf, ownersOf, scopedKey } from "./key-store.ts";

/** A batch whose groups all have an owner. */
export type OwnedBatch = GroupedBatch & ClaimedKeys;

/**
 * Stage 3: finds the transaction of every group, by its keys, by a registration that awaits its ids, or by its
 * reference, and claims the keys that are free. A group without an owner becomes a new transaction; a group that is
 * about no transaction is left out.
 */
export async function findOwners(batch: GroupedBatch, early: EarlyOwners): Promise<OwnedBatch> {
  const { tx, shard, deps } = batch;
  for (const group of batch.groups) addReferenceKey(group);
  const owners = await early.ofKeys(batch.groups.flatMap(keysToLookUp));
  for (const group of batch.groups) {
    attachDeferredAnswers(group, owners, deps.providers.get(group.connection.provider));
    attachByKey(group, owners);
  }
  const groups = batch.groups.filter(isAboutATransaction);
  await attachAwaitingIds(tx, shard, groups, owners);
  await attachByReference(tx, shard, groups, batch.now);
  await attachByRecipient(batch, groups);
  await refuseStarted(batch, groups);
  const separate = await withReceiptOfAnother(tx, shard, groups, owners);
  return { ...batch, groups, ...(await claimFreeKeys(tx, shard, groups, owners, separate)) };
}

/** The owners of keys, asked for before it is known which items still have their leases. */
export type EarlyOwners = { ofKeys(keys: IdentityKey[]): Promise<KeyOwners> };

/**
 * Asks for the owners of all keys that the items may have, in one trip with the check of the leases. Keys that were not
 * foreseen are asked for again.
 */
export function findOwnersEarly({ tx, shard, ...batch }: Batch): EarlyOwners {
  const foreseen = groupItems({ ...batch, tx, shard, settling: [...batch.items], lost: [], now: new Date(0) }).groups;
  for (const group of foreseen) addReferenceKey(group);
  const keys = foreseen.flatMap(keysToLookUp);
  const asked = new Set(keys.map(({ connectionId, key }) => scopedKey(connectionId, key)));
  const found = ownersOf(tx, shard, keys);
  found.catch(() => {});
  return {
    async ofKeys(wanted) {
      const others = wanted.filter(({ connectionId, key }) => !asked.has(scopedKey(connectionId, key)));
      const [owners, more] = await Promise.all([found, ownersOf(tx, shard, others)]);
      return new Map([...owners, ...more]);
    },
  };
}

/** Evidence without any id is stored under the merchant's reference. */
function addReferenceKey(group: Group): void {
  if (group.keys.size > 0 || group.registrations.length > 0 || group.owners.size > 0) return;
  const reference = group.evidence.find(e => e.reference !== undefined)?.reference;
  if (reference !== undefined) group.keys.add(referenceKey(reference));
}

function keysToLookUp(group: Group): { connectionId: string; key: string }[] {
  const keys = [...group.keys, ...deferredAnswerKeys(group), ...awaitingIdsKeysOf(group)];
  return keys.map(key => ({ connectionId: group.connection.id, key }));
}

function attachByKey(group: Group, owners: KeyOwners): void {
  for (const key of group.keys) {
    const owner = owners.get(scopedKey(group.connection.id, key));
    if (owner) group.owners.add(owner);
  }
}

function isAboutATransaction(group: Group): boolean {
  return group.owners.size > 0 || group.evidence.length > 0 || group.registrations.length > 0;
}

/**
 * The groups whose own ids are new, and whose receipt belongs to a transaction with different ids: a second push that
 * claims the receipt of the first. Each becomes a transaction of its own.
 */
async function withReceiptOfAnother(
  tx: Tx,
  shard: number,
  groups: Group[],
  owners: KeyOwners,
): Promise<ReadonlySet<Group>> {
  const byReceiptOnly = groups.filter(group => {
    const isOwned = (key: string) => owners.has(scopedKey(group.connection.id, key));
    const ids = [...group.keys].filter(isUniqueId);
    return ids.length > 0 && !ids.some(isOwned) && [...group.keys].some(key => isReceipt(key) && isOwned(key));
  });
  if (byReceiptOnly.length === 0) return new Set();
  const rows = await keysOf(tx, shard, [...new Set(byReceiptOnly.flatMap(group => [...group.owners]))]);
  const keysOfOwner = (id: string) => rows.filter(row => row.transactionId === id).map(row => row.key);
  const isOther = (group: Group) => [...group.owners].every(id => haveConflictingIds(keysOfOwner(id), group.keys));
  return new Set(byReceiptOnly.filter(isOther));
}
