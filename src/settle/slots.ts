import type { Group } from "./group.ts";
import { openSlot } from "./keys.ts";
import { registeredAmong } from "./match-store.ts";
import type { Tx } from "./store.ts";

/** Where a registration may find one that waits for its ids. */
export function slotsOf(group: Group): string[] {
  return group.registrations.flatMap(r => openSlot(r) ?? []);
}

/** The slot a registration without ids takes, so that its ids can be added later. */
export function ownSlots(group: Group): string[] {
  return group.keys.size > 0 ? [] : slotsOf(group);
}

/**
 * A registration brings its ids to the one that waits for them under its reference. A callback with these ids may have come first:
 * then what it made is the same transaction. Where the ids are another registration's, this one is sent again, and none waits for it.
 */
export async function attachSlots(
  tx: Tx,
  shard: number,
  groups: Group[],
  ownerOf: ReadonlyMap<string, string>,
): Promise<void> {
  const found = groups.flatMap(group => {
    const waiting = slotsOf(group)
      .map(slot => ownerOf.get(`${group.connection.id}|${slot}`))
      .find(id => id !== undefined);
    return waiting === undefined || group.owners.has(waiting) ? [] : [{ group, waiting }];
  });
  const known = found.flatMap(({ group }) => [...group.owners]);
  const registered = await registeredAmong(tx, shard, known);
  for (const { group, waiting } of found) {
    if (![...group.owners].some(id => registered.has(id))) group.owners.add(waiting);
  }
}
