import type { Decision } from "./decide/decide.ts";
import { latestReadings } from "./decide/latest-readings.ts";
import { byStrength } from "./decide/order.ts";
import type { Evidence } from "./evidence.ts";
import { isFinal, type ProviderRefs } from "./kinds.ts";
import type { Money } from "./money.ts";
import type { Registration } from "./transaction.ts";

/** What a transaction shows beside its status. */
export type TransactionFacts = {
  refs: ProviderRefs;
  reference: string | null;
  amount: Money | null;
  refundedMinor: bigint;
  phone: string | null;
  phoneMasked: string | null;
  phoneKey: string | null;
  partyName: string | null;
  result: { code: string; description: string } | null;
  details: Record<string, string>;
  occurredAt: Date | null;
};

/**
 * Gathers the facts of a transaction: registered facts first, then those of the evidence that the status rests on, then
 * those of the other evidence, strongest first. Like `decide`, a pure function of the set.
 */
export function describe(
  all: readonly Evidence[],
  decision: Decision,
  registration: Registration | null,
): TransactionFacts {
  const others = latestReadings(all)
    .filter(e => !decision.grounds.some(ground => ground.id === e.id))
    .sort(byStrength);
  const ranked = [...decision.grounds, ...others];
  const first = <T>(pick: (e: Evidence) => T | undefined): T | null => {
    for (const e of ranked) {
      const value = pick(e);
      if (value !== undefined) return value;
    }
    return null;
  };
  const phone = registration?.phone ?? first(e => e.phone);
  // The ids of a deferred answer are those of the conversation, not of the transaction.
  const withOwnRefs = ranked.filter(e => !e.answersQuestion);
  return {
    refs: mergeRefs(withOwnRefs, registration),
    reference: registration?.reference ?? first(e => e.reference),
    amount: decision.amount,
    refundedMinor: decision.refundedMinor,
    phone,
    phoneMasked: first(e => e.phoneMasked),
    phoneKey: phone === null ? first(e => e.phoneKey) : null,
    partyName: first(e => e.partyName),
    result: resultOf(decision, others),
    details: Object.assign({}, ...ranked.map(e => e.details ?? {}).reverse()),
    occurredAt: first(e => e.occurredAt),
  };
}

/** Weakest first, so that a stronger value replaces a weaker one; registered refs replace all. */
function mergeRefs(ranked: Evidence[], registration: Registration | null): ProviderRefs {
  return Object.assign({}, ...ranked.map(e => e.refs).reverse(), registration?.refs ?? {});
}

/**
 * The provider's code for the present status. A pending transaction does not show the code of a success that does not
 * count.
 */
function resultOf(decision: Decision, others: Evidence[]): TransactionFacts["result"] {
  const forStatus = isFinal(decision.status)
    ? decision.grounds
    : others.filter(e => e.says === "pending" || e.says === "processing");
  return forStatus.find(e => e.result !== undefined)?.result ?? null;
}
