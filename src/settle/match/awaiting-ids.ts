import type { Tx } from "../../database/connect.ts";
import { ConcurrentUpdate } from "../concurrent-update.ts";
import type { Group } from "./group.ts";
import { ownersOf } from "./key-store.ts";
import { awaitingIdsKey } from "./keys.ts";
import { registeredAmong } from "./match-store.ts";

/** Where a registration may find one that waits for its ids. */
export function awaitingIdsKeysOf(group: Group): string[] {
  return group.registrations.flatMap(r => awaitingIdsKey(r) ?? []);
}

/** The slot a registration without ids takes, so that its ids can be added later. */
export function ownAwaitingIdsKeys(group: Group): string[] {
  return group.keys.size > 0 ? [] : awaitingIdsKeysOf(group);
}

/**
 * A registration brings its ids to the one that waits for them under its reference. A callback with these ids may have come first:
 * then what it made is the same transaction. Where the ids are another registration's, this one is sent again, and none waits for it.
 * Of several that come with ids of their own the first is who was waited for.
 */
export async function attachAwaitingIds(
  tx: Tx,
  shard: number,
  groups: Group[],
  ownerOf: ReadonlyMap<string, string>,
): Promise<void> {
  const found = groups.flatMap(group => {
    const owner = (slot: string) => ownerOf.get(scoped(group, slot));
    const slot = awaitingIdsKeysOf(group).find(each => owner(each) !== undefined);
    return slot === undefined || group.owners.has(owner(slot)!) ? [] : [{ group, slot, waiting: owner(slot)! }];
  });
  const known = found.flatMap(({ group }) => [...group.owners]);
  const registered = await registeredAmong(tx, shard, known);
  const taken = new Set<string>();
  for (const { group, slot, waiting } of found) {
    if ([...group.owners].some(id => registered.has(id))) continue;
    const bringsIds = group.keys.size > 0;
    if (bringsIds && taken.has(waiting)) continue;
    if (bringsIds) taken.add(waiting);
    group.owners.add(waiting);
    group.slot = slot;
  }
}

/** Throws where a slot is another's, or nobody's, now that its owner is locked: another batch brought the ids. */
export async function confirmAwaitingIds(tx: Tx, shard: number, groups: Group[]): Promise<void> {
  const found = groups.filter(group => group.slot !== null);
  const owned = await ownersOf(
    tx,
    shard,
    found.map(group => ({ connectionId: group.connection.id, key: group.slot! })),
  );
  const ownerOf = new Map(owned.map(o => [`${o.connectionId}|${o.key}`, o.transactionId]));
  for (const group of found) {
    const owner = ownerOf.get(scoped(group, group.slot!));
    if (owner === undefined || !group.owners.has(owner))
      throw new ConcurrentUpdate("a registration has its ids by now");
  }
}

const scoped = (group: Group, key: string) => `${group.connection.id}|${key}`;
