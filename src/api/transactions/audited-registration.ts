import { formatMoney } from "../../domain/money.ts";
import { maskPhone, maskPhonesIn } from "../../domain/phone.ts";
import type { Registration } from "../../domain/transaction.ts";

type Audited = { amount: string | null; currency: string | null; reference: string | null; phone: string | null };

/**
 * What an amendment replaced and what it set, for the audit. Phones are masked: an entry can never be erased. The
 * timeline has all of it.
 */
export function auditedAmendment(previous: Registration, next: Registration): { before: Audited; after: Audited } {
  const { amount, reference, phone } = next;
  const given = { amount: amount ?? previous.amount, reference: reference ?? previous.reference };
  return { before: audited(previous), after: audited({ ...given, phone: phone ?? previous.phone }) };
}

function audited({ amount, reference, phone }: Pick<Registration, "amount" | "reference" | "phone">): Audited {
  return {
    amount: amount && formatMoney(amount),
    currency: amount?.currency ?? null,
    reference: reference && maskPhonesIn(reference),
    phone: phone && maskPhone(phone),
  };
}
