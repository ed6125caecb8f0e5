import type { Connection } from "../../connections/connection.ts";
import type { Evidence } from "../../domain/evidence.ts";
import type { Registration } from "../../domain/transaction.ts";
import type { SettleItem } from "../item.ts";

/** Everything in a batch that is about one transaction. */
export type Group = {
  connection: Connection;
  /** Identity texts; `receipt:` ones tie an STK push to its C2B confirmation. */
  keys: Set<string>;
  /** Known transactions it is about; more than one is a merge or a duplicate receipt. */
  owners: Set<string>;
  evidence: Evidence[];
  registrations: Registration[];
  /** Positions in the batch, for telling each item what became of it. */
  items: Set<number>;
  /** Answers that say: asking on would do harm. */
  stops: { transactionId: string; reason: string }[];
  /** What an owner that a typed reference found was then, before it was locked. */
  presumed: { id: string; presumed: "unfinished" | "unregistered" } | null;
  /** The slot (see keys.ts) under which a registration without ids was found, before that was locked. */
  slot: string | null;
};

/** Whether an identity text is a receipt: what two transactions may come to share, unlike an id that only one has. */
export function isReceipt(key: string): boolean {
  return key.startsWith("receipt:");
}

/** Texts that name no transaction by themselves: many may have one, of as many names (see keys.ts). */
const asides = ["receipt:", "question:", "open:", "reference:"];

/** Whether an identity text is an id that only one transaction can have, and of which it has only one. */
export function isOwnId(key: string): boolean {
  return !asides.some(prefix => key.startsWith(prefix));
}

/**
 * Groups a batch by identity: by the ids that only one transaction can have, then by receipt. Two pushes that claim one receipt
 * stay two groups (the first keeps the key, see `contest` in merge.ts).
 */
export function groupItems(
  items: readonly SettleItem[],
  identity: (item: SettleItem, r: Registration) => string[],
): Group[] {
  const groups: Group[] = [];
  const byKey = new Map<string, Group>();
  for (const [position, item] of items.entries()) {
    if (item.registration) {
      const keys = identity(item, item.registration);
      place(groups, byKey, item.connection, position, keys, g => g.registrations.push(item.registration!), item.target);
    }
    for (const e of item.evidence) {
      place(groups, byKey, item.connection, position, e.identity, g => g.evidence.push(e), item.target);
    }
  }
  return groups;
}

function place(
  groups: Group[],
  byKey: Map<string, Group>,
  connection: Connection,
  position: number,
  keys: string[],
  add: (group: Group) => void,
  target: string | null,
): void {
  const scoped = (key: string) => `${connection.id}|${key}`;
  const handles = [...keys.map(scoped), ...(target ? [`target|${target}`] : [])];
  const found = handles.map(handle => byKey.get(handle)).filter(g => g !== undefined);
  let group = found[0];
  if (!group) {
    group = emptyGroup(connection);
    groups.push(group);
  }
  for (const other of found) {
    if (other !== group && mayShare(group, other)) absorb(groups, byKey, group, other);
  }
  if (!fits(group, keys)) {
    group = emptyGroup(connection);
    groups.push(group);
  }
  for (const key of keys) group.keys.add(key);
  if (target) group.owners.add(target);
  group.items.add(position);
  add(group);
  for (const handle of handles) if (!byKey.has(handle)) byKey.set(handle, group);
}

function emptyGroup(connection: Connection): Group {
  return {
    connection,
    keys: new Set(),
    owners: new Set(),
    evidence: [],
    registrations: [],
    items: new Set(),
    stops: [],
    presumed: null,
    slot: null,
  };
}

/** Two ids of one name that differ cannot be one transaction. */
function fits(group: Group, keys: Iterable<string>): boolean {
  return !differ(group.keys, keys);
}

function mayShare(a: Group, b: Group): boolean {
  return fits(a, b.keys);
}

/** Whether two sets of identity texts have an own id of the same name with different values. */
export function differ(a: Iterable<string>, b: Iterable<string>): boolean {
  const names = new Map<string, Set<string>>();
  for (const key of a) {
    if (!isOwnId(key)) continue;
    const [name, value] = split(key);
    names.set(name, (names.get(name) ?? new Set()).add(value));
  }
  for (const key of b) {
    if (!isOwnId(key)) continue;
    const [name, value] = split(key);
    const values = names.get(name);
    if (values && !values.has(value)) return true;
  }
  return false;
}

function split(key: string): [string, string] {
  const at = key.indexOf(":");
  return [key.slice(0, at), key.slice(at + 1)];
}

/** Moves everything of `other` into `group`. */
function absorb(groups: Group[], byKey: Map<string, Group>, group: Group, other: Group): void {
  for (const key of other.keys) group.keys.add(key);
  for (const owner of other.owners) group.owners.add(owner);
  for (const item of other.items) group.items.add(item);
  group.evidence.push(...other.evidence);
  group.registrations.push(...other.registrations);
  group.stops.push(...other.stops);
  groups.splice(groups.indexOf(other), 1);
  for (const [handle, held] of byKey) if (held === other) byKey.set(handle, group);
}
