import type { Tx } from "../../database/connect.ts";
import { type Kind, kindNames, kinds } from "../../domain/kinds.ts";
import { type Group, isOwnId, isReceipt } from "./group.ts";
import { justPaidByReference, lockReferences, type ReferenceQuestion, registeredByReference } from "./match-store.ts";

/** Groups whose ids nobody knows: by the reference a payer typed, or the merchant's own. */
export async function attachByReference(tx: Tx, shard: number, groups: Group[]): Promise<void> {
  const open = groups.filter(g => g.owners.size === 0);
  const paid = asking(
    open.filter(g => g.registrations.length === 0),
    questionOfEvidence,
  );
  const registering = asking(
    open.filter(g => g.registrations.length > 0),
    questionOfRegistration,
  );
  await lockReferences(
    tx,
    shard,
    [...paid, ...registering].map(a => a.question),
  );
  await attach(tx, shard, paid, registeredByReference, "unfinished", paidBy(groups));
  await attach(tx, shard, registering, justPaidByReference, "unregistered", new Set());
}

/** What this batch finishes with a receipt: money under another receipt is another payment, as it would be a batch later. */
function paidBy(groups: Group[]): Set<string> {
  const paying = groups.filter(g => [...g.keys].some(isReceipt) && g.evidence.some(e => e.says === "completed"));
  return new Set(paying.flatMap(g => [...g.owners]));
}

type ReferenceSearch = { group: Group; question: ReferenceQuestion };

function asking(groups: Group[], ask: (g: Group) => ReferenceQuestion | null): ReferenceSearch[] {
  return groups.flatMap(group => {
    const question = ask(group);
    return question ? [{ group, question }] : [];
  });
}

type Finder = (tx: Tx, shard: number, questions: ReferenceQuestion[]) => Promise<{ position: number; id: string }[]>;

async function attach(
  tx: Tx,
  shard: number,
  askers: ReferenceSearch[],
  find: Finder,
  presumed: "unfinished" | "unregistered",
  taken: Set<string>,
): Promise<void> {
  const found = await find(
    tx,
    shard,
    askers.map(a => a.question),
  );
  for (const { position, id } of found) {
    const { group, question } = askers[position]!;
    if (group.owners.size > 0 || taken.has(id)) continue;
    group.owners.add(id);
    if (question.typed) group.presumed = { id, presumed };
    taken.add(id);
  }
}

function questionOfEvidence(group: Group): ReferenceQuestion | null {
  const e = group.evidence.find(e => e.reference !== undefined);
  if (!e?.reference?.trim()) return null;
  const c2b = e.kind === "c2b";
  return {
    connectionId: group.connection.id,
    reference: e.reference,
    kinds: c2b ? ["stk_push", "c2b"] : familyOf(e.kind),
    amount: c2b ? (e.amount ?? null) : null,
    typed: c2b,
    idNames: idNames(group),
  };
}

function questionOfRegistration(group: Group): ReferenceQuestion | null {
  const r = group.registrations[0]!;
  if (!r.reference?.trim()) return null;
  const typed = r.kind === "c2b" || r.kind === "stk_push";
  return {
    connectionId: group.connection.id,
    reference: r.reference,
    kinds: typed ? ["c2b"] : familyOf(r.kind),
    amount: typed ? r.amount : null,
    typed,
    idNames: idNames(group),
  };
}

function familyOf(kind: Kind): Kind[] {
  return kindNames.filter(other => kinds[other].family === kinds[kind].family);
}

/** The names of the ids that only one transaction can have: one that has its own of that name is another transaction. */
function idNames(group: Group): string[] {
  return [...group.keys].filter(isOwnId).map(key => key.slice(0, key.indexOf(":")));
}
