import type { Tx } from "../../database/connect.ts";
import type { Evidence } from "../../domain/evidence.ts";
import { newUuid } from "../../domain/ids.ts";
import type { Provider } from "../../providers/provider.ts";
import { ConcurrentUpdate } from "../concurrent-update.ts";
import { attachAwaitingIds, awaitingIdsKeysOf, ownAwaitingIdsKeys } from "./awaiting-ids.ts";
import { attachByReference } from "./by-reference.ts";
import { differ, type Group, isOwnId, isReceipt } from "./group.ts";
import { claimKeys, type IdentityKey, keysOf, type OwnedIdentityKey, ownersOf } from "./key-store.ts";
import { mayAnswer, questionKey, referenceKey } from "./keys.ts";
import { fromDeferredAnswer, receiptsOf } from "./read-deferred-answer.ts";

/**
 * Finds whose every group is, by id, then by reference, and claims what nobody has. Afterwards each group has an owner; the ids
 * of transactions that do not exist yet are answered, each with the group it is made for. Groups that are about no transaction at
 * all are taken out.
 */
export async function findOwners(
  tx: Tx,
  shard: number,
  groups: Group[],
  providers: ReadonlyMap<string, Provider>,
): Promise<Map<string, Group>> {
  for (const group of groups) addStandIns(group);
  const asked = groups.flatMap(group =>
    [...group.keys, ...questionsOf(group), ...awaitingIdsKeysOf(group)].map(key => scoped(group, key)),
  );
  const owned = await ownersOf(tx, shard, asked);
  const ownerOf = new Map(owned.map(o => [`${o.connectionId}|${o.key}`, o.transactionId]));

  for (const group of groups) attachAnswers(group, ownerOf, providers);
  for (const group of groups) {
    for (const key of group.keys) {
      const owner = ownerOf.get(`${group.connection.id}|${key}`);
      if (owner) group.owners.add(owner);
    }
  }
  for (let at = groups.length - 1; at >= 0; at -= 1) {
    const group = groups[at]!;
    if (group.owners.size === 0 && group.evidence.length === 0 && group.registrations.length === 0)
      groups.splice(at, 1);
  }
  await attachAwaitingIds(tx, shard, groups, ownerOf);
  await attachByReference(tx, shard, groups);

  const strangers = await receiptsOfOthers(tx, shard, groups, ownerOf);

  const created = new Map<string, Group>();
  const claims: OwnedIdentityKey[] = [];
  const claiming = new Map<string, string>();
  for (const group of groups) {
    if (group.owners.size === 0 || strangers.has(group)) {
      const id = newUuid(shard);
      group.owners.add(id);
      created.set(id, group);
    }
    const owner = claimant(group, created, ownerOf);
    const slots = created.has(owner) ? ownAwaitingIdsKeys(group) : [];
    for (const key of [...group.keys, ...slots]) {
      const name = `${group.connection.id}|${key}`;
      if (ownerOf.has(name)) continue;
      const rival = claiming.get(name);
      if (rival !== undefined) {
        group.owners.add(rival);
        continue;
      }
      claiming.set(name, owner);
      claims.push({ connectionId: group.connection.id, key, transactionId: owner });
    }
  }
  if ((await claimKeys(tx, shard, claims)) !== claims.length)
    throw new ConcurrentUpdate("an id was claimed by another batch");
  return created;
}

/** Who takes the free keys of a group: the transaction made for it, else the one that its own ids name, else the oldest. */
function claimant(group: Group, created: Map<string, Group>, ownerOf: Map<string, string>): string {
  const owners = [...group.owners].sort();
  const named = [...group.keys]
    .filter(isOwnId)
    .map(key => ownerOf.get(`${group.connection.id}|${key}`))
    .find(id => id !== undefined);
  return owners.find(id => created.get(id) === group) ?? named ?? owners[0]!;
}

/**
 * Groups with ids of their own that nobody knows, and a receipt of a transaction whose ids are others: a second push that claims the
 * receipt of the first. It is a transaction of its own.
 */
async function receiptsOfOthers(
  tx: Tx,
  shard: number,
  groups: Group[],
  ownerOf: Map<string, string>,
): Promise<Set<Group>> {
  const byReceipt = groups.filter(group => {
    const ids = [...group.keys].filter(isOwnId);
    const known = (key: string) => ownerOf.has(`${group.connection.id}|${key}`);
    return ids.length > 0 && !ids.some(known) && [...group.keys].some(key => isReceipt(key) && known(key));
  });
  if (byReceipt.length === 0) return new Set();
  const keys = await keysOf(tx, shard, [...new Set(byReceipt.flatMap(group => [...group.owners]))]);
  const keysOfOwner = (id: string) => keys.filter(k => k.transactionId === id).map(k => k.key);
  return new Set(byReceipt.filter(group => [...group.owners].every(id => differ(keysOfOwner(id), group.keys))));
}

function scoped(group: Group, key: string): IdentityKey {
  return { connectionId: group.connection.id, key };
}

/** Evidence without any id stands under the merchant's reference. */
function addStandIns(group: Group): void {
  if (group.keys.size > 0) return;
  const reference = group.evidence.find(e => e.reference !== undefined)?.reference;
  if (reference !== undefined && group.registrations.length === 0 && group.owners.size === 0)
    group.keys.add(referenceKey(reference));
}

/** Whose questions were answered, if these are answers; and whose the receipts are that answers name (see conclude.ts). */
function questionsOf(group: Group): string[] {
  return group.evidence.filter(mayAnswer).flatMap(e => [...e.identity.map(questionKey), ...receiptsOf(e)]);
}

/**
 * An answer that came under a question's conversation is about the transaction that was asked about. An answer to no known question
 * is about no transaction.
 */
function attachAnswers(group: Group, ownerOf: Map<string, string>, providers: ReadonlyMap<string, Provider>): void {
  const provider = providers.get(group.connection.provider);
  const keep: Evidence[] = [];
  for (const e of group.evidence) {
    const asked = mayAnswer(e)
      ? e.identity.map(key => ownerOf.get(`${group.connection.id}|${questionKey(key)}`)).find(id => id !== undefined)
      : undefined;
    if (asked || e.answersQuestion) for (const key of e.identity) group.keys.delete(key);
    if (!asked) {
      if (!e.answersQuestion) keep.push(e);
      continue;
    }
    group.owners.add(asked);
    const { evidence, stop } = fromDeferredAnswer(e, provider);
    keep.push(evidence);
    for (const key of evidence.identity) group.keys.add(key);
    if (stop !== null) group.stops.push({ transactionId: asked, reason: stop });
  }
  group.evidence.splice(0, group.evidence.length, ...keep);
}
