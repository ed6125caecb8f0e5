import type { Tx } from "../../database/connect.ts";
import { type Kind, kindNames, kinds } from "../../domain/kinds.ts";
import type { Group } from "./group.ts";
import { isReceipt, uniqueIdNames } from "./identity-keys.ts";
import {
  type Candidate,
  candidatesForEvidence,
  candidatesForRegistration,
  lockReferences,
  type ReferenceSearch,
} from "./match-store.ts";

/** Finds owners of groups whose keys are new by the reference: what a payer typed, or the merchant's own. */
export async function attachByReference(tx: Tx, shard: number, groups: Group[]): Promise<void> {
  const unmatched = groups.filter(group => group.owners.size === 0);
  const byEvidence = searchesOf(
    unmatched.filter(group => group.registrations.length === 0),
    searchByEvidence,
  );
  const byRegistration = searchesOf(
    unmatched.filter(group => group.registrations.length > 0),
    searchByRegistration,
  );
  await lockReferences(tx, shard, searchOnly([...byEvidence, ...byRegistration]));
  const registered = await candidatesForEvidence(tx, shard, searchOnly(byEvidence));
  attachCandidates(byEvidence, registered, "unfinished", paidInBatch(groups));
  const paid = await candidatesForRegistration(tx, shard, searchOnly(byRegistration));
  attachCandidates(byRegistration, paid, "unregistered", new Set());
}

type GroupSearch = { group: Group; search: ReferenceSearch };

function searchesOf(groups: Group[], searchOf: (group: Group) => ReferenceSearch | null): GroupSearch[] {
  return groups.flatMap(group => {
    const search = searchOf(group);
    return search ? [{ group, search }] : [];
  });
}

const searchOnly = (searches: GroupSearch[]): ReferenceSearch[] => searches.map(({ search }) => search);

/** Attaches each group to its first candidate that is not `taken`. A candidate is taken by one group only. */
function attachCandidates(
  searches: GroupSearch[],
  candidates: Candidate[],
  expected: "unfinished" | "unregistered",
  taken: Set<string>,
): void {
  for (const { position, id } of candidates) {
    const { group, search } = searches[position]!;
    if (group.owners.size > 0 || taken.has(id)) continue;
    group.owners.add(id);
    if (search.isTyped) group.foundByReference = { transactionId: id, expected };
    taken.add(id);
  }
}

/** Transactions that this batch completes with a receipt: a payment with another receipt is another transaction. */
function paidInBatch(groups: Group[]): Set<string> {
  const paying = groups.filter(
    group => [...group.keys].some(isReceipt) && group.evidence.some(e => e.says === "completed"),
  );
  return new Set(paying.flatMap(group => [...group.owners]));
}

function searchByEvidence(group: Group): ReferenceSearch | null {
  const e = group.evidence.find(e => e.reference !== undefined);
  if (!e?.reference?.trim()) return null;
  const isTyped = e.kind === "c2b";
  return {
    connectionId: group.connection.id,
    reference: e.reference,
    kinds: isTyped ? ["stk_push", "c2b"] : kindsOfFamily(e.kind),
    amount: isTyped ? (e.amount ?? null) : null,
    isTyped,
    idNames: uniqueIdNames(group.keys),
  };
}

function searchByRegistration(group: Group): ReferenceSearch | null {
  const registration = group.registrations[0]!;
  if (!registration.reference?.trim()) return null;
  const isTyped = registration.kind === "c2b" || registration.kind === "stk_push";
  return {
    connectionId: group.connection.id,
    reference: registration.reference,
    kinds: isTyped ? ["c2b"] : kindsOfFamily(registration.kind),
    amount: isTyped ? registration.amount : null,
    isTyped,
    idNames: uniqueIdNames(group.keys),
  };
}

function kindsOfFamily(kind: Kind): Kind[] {
  return kindNames.filter(other => kinds[other].family === kinds[kind].family);
}
