import type { Evidence, SameReference } from "../../domain/evidence.ts";
import type { Kind } from "../../domain/kinds.ts";
import type { Money } from "../../domain/money.ts";
import { ownEvidence } from "../own-evidence.ts";
import type { TransactionUpdate } from "./transaction-update.ts";

/** What one transaction says of another one with the same reference and another amount. */
export type OtherTransaction = Omit<SameReference, "minor" | "currency"> & { amount: Money };

/** Evidence that another transaction has the same reference and another amount. */
export function sameReferenceEvidence(kind: Kind, { amount, ...other }: OtherTransaction, now: Date): Evidence {
  const { minor, currency } = amount;
  const origin = `same reference|${other.transactionId}|${other.role}|${other.revision}|${currency}|${minor}`;
  return {
    ...ownEvidence(origin, kind, now),
    sameReference: { ...other, minor: minor.toString(), currency },
  };
}

/** Evidence that another transaction with the same reference needs no review any more. */
export function sameReferenceEndedEvidence(kind: Kind, transactionId: string, now: Date): Evidence {
  return { ...ownEvidence(`same reference ended|${transactionId}`, kind, now), sameReferenceEnded: transactionId };
}

/** Of two transactions that are one now, neither is the other's payment or order any more. */
export function endSameReference(into: TransactionUpdate, from: TransactionUpdate, now: Date): Evidence[] {
  const ids = [into.before.id, from.before.id];
  const all = [...into.known, ...into.fresh];
  const named = ids.filter(id => all.some(e => e.sameReference?.transactionId === id));
  return named.map(id => sameReferenceEndedEvidence(into.before.kind, id, now));
}
