import type { Tx } from "../../database/connect.ts";
import { ConcurrentUpdate } from "../concurrent-update.ts";
import { startedAmong } from "../starts/start-store.ts";
import { beginsStart, type Group } from "./group.ts";
import { awaitingIdsKey } from "./identity-keys.ts";
import { type KeyOwners, ownersOf, scopedKey } from "./key-store.ts";
import { registeredAmong } from "./match-store.ts";

/** The keys under which a group's registrations may find one that awaits its ids. */
export function awaitingIdsKeysOf(group: Group): string[] {
  return group.registrations.flatMap(({ registration }) => awaitingIdsKey(registration) ?? []);
}

/** The keys that a new registration without ids claims, so that a later registration can bring its ids. */
export function awaitingIdsKeysToClaim(group: Group): string[] {
  return group.keys.size > 0 ? [] : awaitingIdsKeysOf(group);
}

/**
 * Attaches registrations that bring ids to the registration that awaits them under the same reference. A transaction
 * that a callback with these ids created earlier is then merged with it. Where the ids already belong to a registered
 * transaction, the registration is a repetition and awaits nothing. Of several registrations with ids of their own, the
 * first in the batch gets the one that awaits ids.
 */
export async function attachAwaitingIds(tx: Tx, shard: number, groups: Group[], owners: KeyOwners): Promise<void> {
  const matches = groups.flatMap(group => {
    for (const key of awaitingIdsKeysOf(group)) {
      const owner = owners.get(scopedKey(group.connection.id, key));
      if (owner !== undefined) return group.owners.has(owner) ? [] : [{ group, key, awaiting: owner }];
    }
    return [];
  });
  const registered = await registeredAmong(
    tx,
    shard,
    matches.flatMap(({ group }) => [...group.owners]),
  );
  const beginning = matches.filter(({ group }) => beginsStart(group));
  const started = await startedAmong(
    tx,
    shard,
    beginning.map(({ awaiting }) => awaiting),
  );
  const supplied = new Set<string>();
  for (const { group, key, awaiting } of matches) {
    if ([...group.owners].some(id => registered.has(id))) continue;
    // What is started again is a transaction of its own.
    if (beginsStart(group) && started.has(awaiting)) continue;
    const bringsIds = group.keys.size > 0;
    if (bringsIds && supplied.has(awaiting)) continue;
    if (bringsIds) supplied.add(awaiting);
    group.owners.add(awaiting);
    group.foundByAwaitingIdsKey = key;
  }
}

/**
 * Checks, now that the transactions are locked, that each registration found by its awaiting-ids key still owns the
 * key. Throws `ConcurrentUpdate` where another batch brought the ids meanwhile.
 */
export async function confirmAwaitingIds(tx: Tx, shard: number, groups: Group[]): Promise<void> {
  const found = groups.flatMap(group => {
    const key = group.foundByAwaitingIdsKey;
    return key === null ? [] : [{ group, connectionId: group.connection.id, key }];
  });
  const owners = await ownersOf(tx, shard, found);
  for (const { group, connectionId, key } of found) {
    const owner = owners.get(scopedKey(connectionId, key));
    if (owner === undefined || !group.owners.has(owner)) {
      throw new ConcurrentUpdate("another batch brought the ids of a registration");
    }
  }
}
