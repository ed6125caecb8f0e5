import type { LeasedBatch } from "../inbox/lease-items.ts";
import { type Group, mergeGroups, newGroup } from "./group.ts";
import { haveConflictingIds, idsBeforeReceipts } from "./identity-keys.ts";

/** A batch whose items are grouped by transaction. */
export type GroupedBatch = LeasedBatch & { groups: Group[] };

/**
 * Stage 2: groups the evidence and registrations of a batch by the identity keys and targets that they share. Two
 * pushes that claim one receipt stay two groups: the first has the receipt, and the second becomes its duplicate
 * (duplicate-receipt.ts).
 */
export function groupItems(batch: LeasedBatch): GroupedBatch {
  const { providers } = batch.deps;
  const grouping: Grouping = { groups: [], byHandle: new Map() };
  for (const [position, item] of batch.settling.entries()) {
    const { connection, registration, by, amend, evidence, target, start } = item;
    const groupOf = (keys: string[]) => findGroup(grouping, { connection, keys, target, position });
    if (registration) {
      const provider = providers.get(connection.provider);
      const keys = idsBeforeReceipts(provider?.identity(registration.kind, registration.refs) ?? []);
      const group = groupOf(keys);
      group.registrations.push({ registration, by, amend, position });
      if (start) group.starts.push(start);
    } else if (start) groupOf([]).starts.push(start);
    for (const e of evidence) groupOf(e.identity).evidence.push(e);
  }
  return { ...batch, groups: grouping.groups };
}

/** `byHandle`: a handle is a key within its connection, or a target. */
type Grouping = { groups: Group[]; byHandle: Map<string, Group> };

type Part = Pick<Group, "connection"> & { keys: string[]; target: string | null; position: number };

/** The group that a part of an item belongs to. Groups that the part shows to be about one transaction become one. */
function findGroup(grouping: Grouping, { connection, keys, target, position }: Part): Group {
  const { groups, byHandle } = grouping;
  const handles = [...keys.map(key => `${connection.id}|${key}`), ...(target ? [`target|${target}`] : [])];
  const found = new Set(handles.map(handle => byHandle.get(handle)).filter(group => group !== undefined));
  let [group = addGroup(groups, newGroup(connection))] = found;
  for (const other of found) {
    if (other === group || haveConflictingIds(group.keys, other.keys)) continue;
    mergeGroups(group, other);
    groups.splice(groups.indexOf(other), 1);
    for (const [handle, owner] of byHandle) if (owner === other) byHandle.set(handle, group);
  }
  if (haveConflictingIds(group.keys, keys)) group = addGroup(groups, newGroup(connection));
  for (const key of keys) group.keys.add(key);
  if (target) group.owners.add(target);
  group.items.add(position);
  for (const handle of handles) if (!byHandle.has(handle)) byHandle.set(handle, group);
  return group;
}

function addGroup(groups: Group[], group: Group): Group {
  groups.push(group);
  return group;
}
