import type { Tx } from "../../database/connect.ts";
import { newUuid } from "../../domain/ids.ts";
import { awaitingIdsKeysToClaim } from "./awaiting-ids.ts";
import type { Group } from "./group.ts";
import { isUniqueId } from "./identity-keys.ts";
import { insertKeys, type KeyOwners, type OwnedIdentityKey, scopedKey } from "./key-store.ts";

/**
 * `created`: the group of each transaction that does not exist yet, by the new transaction's id. `claiming` rejects
 * where a key was not free: the statements after it, sent without waiting, fail with it.
 */
export type ClaimedKeys = { created: ReadonlyMap<string, Group>; claiming: Promise<void> };

/**
 * Makes a new transaction's id for each group without an owner and for each of `separate`, and claims the groups' free
 * keys. A key that an earlier group of the batch claims makes that group's transaction an owner of the later group too.
 * Where another batch claimed a key first the database transaction fails, as a concurrent update.
 */
export async function claimFreeKeys(
  tx: Tx,
  shard: number,
  groups: Group[],
  owners: KeyOwners,
  separate: ReadonlySet<Group>,
): Promise<ClaimedKeys> {
  const created = new Map<string, Group>();
  const claims = new Map<string, OwnedIdentityKey>();
  for (const group of groups) {
    if (group.owners.size === 0 || separate.has(group)) {
      const id = newUuid(shard);
      group.owners.add(id);
      created.set(id, group);
    }
    const transactionId = claimingOwner(group, created, owners);
    const connectionId = group.connection.id;
    for (const key of [...group.keys, ...(created.has(transactionId) ? awaitingIdsKeysToClaim(group) : [])]) {
      const scoped = scopedKey(connectionId, key);
      if (owners.has(scoped)) continue;
      const claim = claims.get(scoped);
      if (claim) group.owners.add(claim.transactionId);
      else claims.set(scoped, { connectionId, key, transactionId });
    }
  }
  const claiming = insertKeys(tx, shard, [...claims.values()]);
  claiming.catch(() => {});
  // A registration may be refused by what is found next, which must not be older than the claims.
  if (groups.some(group => group.registrations.length > 0)) await claiming;
  return { created, claiming };
}

/** The owner that claims a group's free keys: its new transaction, else the one that owns its ids, else the oldest. */
function claimingOwner(group: Group, created: ReadonlyMap<string, Group>, owners: KeyOwners): string {
  const ids = [...group.owners].sort();
  const ownerOfIds = [...group.keys]
    .filter(isUniqueId)
    .map(key => owners.get(scopedKey(group.connection.id, key)))
    .find(id => id !== undefined);
  return ids.find(id => created.get(id) === group) ?? ownerOfIds ?? ids[0]!;
}
