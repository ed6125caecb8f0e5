import { byWeight, current, type Decision } from "./decide.ts";
import type { Evidence } from "./evidence.ts";
import { isFinal, type ProviderRefs } from "./kinds.ts";
import type { Money } from "./money.ts";
import type { Registration } from "./transaction.ts";

/** What a transaction shows beside its status: registered facts first, then those of the evidence the status rests on. */
export type TransactionFacts = {
  refs: ProviderRefs;
  reference: string | null;
  amount: Money | null;
  phone: string | null;
  partyName: string | null;
  result: { code: string; description: string } | null;
  details: Record<string, string>;
  occurredAt: Date | null;
};

/** Gathers the facts from the set of evidence; like `decide`, without regard to the order in which it came. */
export function describe(
  all: readonly Evidence[],
  decision: Decision,
  registration: Registration | null,
): TransactionFacts {
  const rest = current(all)
    .filter(e => !decision.grounds.some(g => g.id === e.id))
    .sort(byWeight);
  const ranked = [...decision.grounds, ...rest];
  const first = <T>(pick: (e: Evidence) => T | undefined): T | null => {
    for (const e of ranked) {
      const value = pick(e);
      if (value !== undefined) return value;
    }
    return null;
  };
  const own = ranked.filter(e => !e.answersQuestion);
  return {
    refs: mergeRefs(own, registration),
    reference: registration?.reference ?? first(e => e.reference),
    amount: registration?.amount ?? first(e => e.amount),
    phone: registration?.phone ?? first(e => e.phone),
    partyName: first(e => e.partyName),
    result: result(decision, rest),
    details: Object.assign({}, ...ranked.map(e => e.details ?? {}).reverse()),
    occurredAt: first(e => e.occurredAt),
  };
}

/** The weakest first, so that the strongest's value stands; what was registered stands above all. */
function mergeRefs(ranked: Evidence[], registration: Registration | null): ProviderRefs {
  return Object.assign({}, ...ranked.map(e => e.refs).reverse(), registration?.refs ?? {});
}

/** The provider's word for the status there is: a success that does not count lends a pending transaction no code. */
function result(decision: Decision, rest: Evidence[]): TransactionFacts["result"] {
  const speakers = isFinal(decision.status)
    ? decision.grounds
    : rest.filter(e => e.says === "pending" || e.says === "processing");
  return speakers.find(e => e.result !== undefined)?.result ?? null;
}
