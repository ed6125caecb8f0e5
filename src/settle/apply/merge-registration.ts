import { isFinal } from "../../domain/kinds.ts";
import { isSameMoney } from "../../domain/money.ts";
import type { Registration, Transaction } from "../../domain/transaction.ts";
import type { RegistrationRefusal, RegistrationRequest } from "../item.ts";

/** What a registration made of a transaction. */
export type MergedRegistration = {
  transaction: Transaction;
  /** The registration changed nothing, and why; null where it was taken. */
  refusal: RegistrationRefusal | null;
  /** The registration that an amendment replaced; null where nothing was replaced. */
  amended: Registration | null;
};

/**
 * Merges a registration into a transaction. It fills gaps. Where it says something else than the registration before,
 * it changes that as an amendment of an unfinished transaction, so that a corrected amount can settle a transaction
 * that the first amount held up; else it is refused, and nothing changes. The registration of a merged transaction
 * (without a position) only fills gaps.
 */
export function mergeRegistration(before: Transaction, request: RegistrationRequest): MergedRegistration {
  const { registration: next, amend, position } = request;
  const previous = before.registration;
  const fields = previous === null ? [] : differingFields(previous, next);
  const isOpen = !isFinal(before.status);
  if (fields.length > 0 && position !== null && !(amend && isOpen)) {
    return {
      transaction: before,
      refusal: { kind: "differs", transactionId: before.id, fields, finished: !isOpen },
      amended: null,
    };
  }
  const isAmendment = fields.length > 0 && position !== null;
  const pick = <T>(old: T | null | undefined, value: T | null): T | null =>
    old == null || (isAmendment && value !== null) ? value : old;
  const expiresAt = isOpen && next.expiresAt !== null ? next.expiresAt : (previous?.expiresAt ?? next.expiresAt);
  const registration: Registration = {
    kind: previous?.kind ?? next.kind,
    refs: { ...next.refs, ...previous?.refs },
    reference: pick(previous?.reference, next.reference),
    amount: pick(previous?.amount, next.amount),
    phone: pick(previous?.phone, next.phone),
    expiresAt,
    metadata: { ...previous?.metadata, ...next.metadata },
    revision: (previous?.revision ?? 0) + (isAmendment ? 1 : 0),
  };
  const { kind, metadata } = registration;
  const transaction = { ...before, kind, registration, metadata, expiresAt };
  return { transaction, refusal: null, amended: isAmendment ? previous : null };
}

/** The values that both registrations have and that differ, by their names in the API. */
function differingFields(previous: Registration, next: Registration): string[] {
  const isOtherText = (a: string | null, b: string | null) => a !== null && b !== null && a.trim() !== b.trim();
  const isOtherAmount = previous.amount !== null && next.amount !== null && !isSameMoney(previous.amount, next.amount);
  const isOtherCurrency = isOtherAmount && previous.amount!.currency !== next.amount!.currency;
  return [
    ...(isOtherAmount && (!isOtherCurrency || previous.amount!.minor !== next.amount!.minor) ? ["amount"] : []),
    ...(isOtherCurrency ? ["currency"] : []),
    ...(isOtherText(previous.reference, next.reference) ? ["reference"] : []),
    ...(isOtherText(previous.phone, next.phone) ? ["phone"] : []),
  ];
}
