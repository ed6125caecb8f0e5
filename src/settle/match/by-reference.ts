import type { Tx } from "../../database/connect.ts";
import type { SameReference } from "../../domain/evidence.ts";
import { type Kind, kindNames, kinds } from "../../domain/kinds.ts";
import type { Group } from "./group.ts";
import { isReceipt, uniqueIdNames } from "./identity-keys.ts";
import {
  type Candidate,
  candidatesForEvidence,
  candidatesForRegistration,
  lockReferences,
  type ReferenceSearch,
  unfinishedAmong,
} from "./match-store.ts";
import { sameReferenceEvidence } from "./same-reference.ts";

/**
 * Finds owners of groups whose keys are new by the reference: what a payer typed, or the merchant's own. A payment and
 * a registration whose amounts differ stay two transactions, and each gets evidence about the other.
 */
export async function attachByReference(tx: Tx, shard: number, groups: Group[], now: Date): Promise<void> {
  const byEvidence = searchesOf(
    groups.filter(group => group.registrations.length === 0 && group.owners.size === 0),
    searchByEvidence,
  );
  const byRegistration = searchesOf(
    groups.filter(group => group.registrations.length > 0),
    searchByRegistration,
  );
  await lockReferences(tx, shard, searchOnly([...byEvidence, ...byRegistration]));
  const registered = await candidatesForEvidence(tx, shard, searchOnly(byEvidence));
  attachCandidates(byEvidence, registered, "unfinished", paidInBatch(groups));
  linkOthers(byEvidence, registered, "order", now);
  const paid = await candidatesForRegistration(tx, shard, searchOnly(byRegistration));
  const amending = await unfinishedAmong(tx, shard, ownersOfAmendments(byRegistration));
  const mayAttach = byRegistration.map(({ group }) => [...group.owners].every(id => amending.has(id)));
  attachCandidates(
    byRegistration,
    paid.filter(({ position }) => mayAttach[position]),
    "unregistered",
    new Set(),
  );
  linkOthers(byRegistration, paid, "payment", now);
}

type GroupSearch = { group: Group; search: ReferenceSearch };

function searchesOf(groups: Group[], searchOf: (group: Group) => ReferenceSearch | null): GroupSearch[] {
  return groups.flatMap(group => {
    const search = searchOf(group);
    return search ? [{ group, search }] : [];
  });
}

const searchOnly = (searches: GroupSearch[]): ReferenceSearch[] => searches.map(({ search }) => search);

/** A registration that meets another one may find its payment only by an amendment of the amount. */
function ownersOfAmendments(searches: GroupSearch[]): string[] {
  return searches.flatMap(({ group }) => (group.registrations.some(r => r.amend) ? [...group.owners] : []));
}

/** Attaches each group to its first candidate that is not `taken`. A candidate is taken by one group only. */
function attachCandidates(
  searches: GroupSearch[],
  candidates: Candidate[],
  expected: "unfinished" | "unregistered",
  taken: Set<string>,
): void {
  const attached = new Set<Group>();
  for (const { position, id, isOther } of candidates) {
    const { group, search } = searches[position]!;
    if (isOther || attached.has(group) || taken.has(id)) continue;
    attached.add(group);
    group.owners.add(id);
    if (search.isTyped) group.foundByReference = { transactionId: id, expected };
    taken.add(id);
  }
}

/**
 * Gives each group that found no transaction of its own amount evidence about those of other amounts. The others get
 * theirs once the group's transaction is written (same-reference-items.ts).
 */
function linkOthers(searches: GroupSearch[], candidates: Candidate[], role: SameReference["role"], now: Date): void {
  for (const { position, id, isOther, minor, currency, revision } of candidates) {
    const { group } = searches[position]!;
    const hasFoundItself = role === "order" && group.owners.size > 0;
    if (!isOther || minor === null || currency === null || hasFoundItself || group.owners.has(id)) continue;
    if (role === "order" && !group.evidence.some(e => e.says === "completed" && e.amount)) continue;
    const kind = group.registrations[0]?.registration.kind ?? "c2b";
    const other = { transactionId: id, role, amount: { minor, currency }, revision };
    group.evidence.push(sameReferenceEvidence(kind, other, now));
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
  const { registration } = group.registrations[0]!;
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
