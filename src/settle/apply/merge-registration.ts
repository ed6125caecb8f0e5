import { isFinal } from "../../domain/kinds.ts";
import type { Registration, Transaction } from "../../domain/transaction.ts";

/**
 * Merges a later registration into a transaction. It fills gaps, and replaces reference, amount, phone and expiry while
 * the transaction is not final, so that a corrected amount can settle a transaction that the first amount held up.
 */
export function mergeRegistration(before: Transaction, next: Registration): Transaction {
  const previous = before.registration;
  const isOpen = !isFinal(before.status);
  const pick = <T>(old: T | null | undefined, value: T | null): T | null =>
    old == null || (isOpen && value !== null) ? value : old;
  const registration: Registration = {
    kind: previous?.kind ?? next.kind,
    refs: { ...next.refs, ...previous?.refs },
    reference: pick(previous?.reference, next.reference),
    amount: pick(previous?.amount, next.amount),
    phone: pick(previous?.phone, next.phone),
    expiresAt: pick(previous?.expiresAt, next.expiresAt),
    metadata: { ...previous?.metadata, ...next.metadata },
  };
  return {
    ...before,
    kind: registration.kind,
    registration,
    metadata: registration.metadata,
    expiresAt: registration.expiresAt,
  };
}
