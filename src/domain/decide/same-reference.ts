import type { Evidence, SameReference } from "../evidence.ts";
import { compare } from "./order.ts";

/** The other transactions with the same reference and another amount that still need a review, in the order of ids. */
export function openSameReferences(evidence: readonly Evidence[]): SameReference[] {
  const ended = new Set(evidence.map(e => e.sameReferenceEnded));
  const latest = new Map<string, SameReference>();
  for (const { sameReference: other } of evidence) {
    if (other === undefined || ended.has(other.transactionId)) continue;
    const known = latest.get(other.transactionId);
    if (known === undefined || known.revision < other.revision) latest.set(other.transactionId, other);
  }
  return [...latest.values()].sort((a, b) => compare(a.transactionId, b.transactionId));
}
