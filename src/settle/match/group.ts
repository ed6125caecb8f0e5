import type { Connection } from "../../connections/connection.ts";
import type { Evidence } from "../../domain/evidence.ts";
import type { RegistrationRequest, StartStep } from "../item.ts";

/** Everything in a batch that is about one transaction. */
export type Group = {
  connection: Connection;
  /** Identity keys, receipts among them: a receipt joins an STK push to its C2B confirmation. */
  keys: Set<string>;
  /** The transactions it is about. More than one are merged, or have a duplicate receipt. */
  owners: Set<string>;
  evidence: Evidence[];
  registrations: RegistrationRequest[];
  starts: StartStep[];
  /** Positions of its items in the batch. */
  items: Set<number>;
  /** Polls whose answer says that further polls do harm. */
  pollingStops: { transactionId: string; reason: string }[];
  /** The owner that a typed reference found, and the state it must still be in once it is locked. */
  foundByReference: { transactionId: string; expected: "unfinished" | "unregistered" } | null;
  /** The key under which a registration that awaits its ids was found. Once locked, it must still own the key. */
  foundByAwaitingIdsKey: string | null;
};

export function newGroup(connection: Connection): Group {
  return {
    connection,
    keys: new Set(),
    owners: new Set(),
    evidence: [],
    registrations: [],
    starts: [],
    items: new Set(),
    pollingStops: [],
    foundByReference: null,
    foundByAwaitingIdsKey: null,
  };
}

export function beginsStart(group: Group): boolean {
  return group.starts.some(({ step }) => step === "begin");
}

/** Moves everything of `from` into `into`, while neither has been matched yet. */
export function mergeGroups(into: Group, from: Group): void {
  for (const key of from.keys) into.keys.add(key);
  for (const owner of from.owners) into.owners.add(owner);
  for (const item of from.items) into.items.add(item);
  into.evidence.push(...from.evidence);
  into.registrations.push(...from.registrations);
  into.starts.push(...from.starts);
}
