import type { Evidence } from "../evidence.ts";
import type { Money } from "../money.ts";
import { byStrength, compare } from "./order.ts";
import type { DecidingRegistration, WeighedEvidence } from "./weigh.ts";

/**
 * The amount of a transaction, null where nothing names one. `weighed` is sorted, strongest first.
 *
 * The registered amount, where there is one; but where the success that counts names no amount and another success told
 * a different one, the smaller of the two: more is not known to have been paid. Without a registration, the amount of
 * the strongest success that counts, the smaller of two that are equally strong; else of the strongest other evidence.
 * A refund may be of a part, so its amount stands in only where it counts and nothing else names one.
 */
export function paidAmount(weighed: WeighedEvidence[], registration: DecidingRegistration | null): Money | null {
  const successes = countingSuccesses(weighed);
  if (registration?.amount != null) {
    const told = successes.length > 0 ? doubtedAmounts(weighed) : [];
    return smallest([
      registration.amount,
      ...told.filter(({ currency }) => currency === registration.amount!.currency),
    ]);
  }
  const others = weighed.map(({ evidence }) => evidence).sort(byStrength);
  const refunds = weighed.filter(({ counts, evidence }) => counts && evidence.says === "refunded");
  return (
    strongestAmount(successes) ??
    firstAmount(others.filter(e => e.says !== "refunded")) ??
    firstAmount(refunds.map(({ evidence }) => evidence).sort(byStrength))
  );
}

/** The strongest amount of several reports, sorted, strongest first; the smaller of two that are equally strong. */
export function strongestAmount(reports: WeighedEvidence[]): Money | null {
  const withAmount = reports.filter(({ evidence }) => evidence.amount !== undefined);
  const strongest = withAmount.filter(({ strength }) => strength === withAmount[0]!.strength);
  return strongest.length === 0 ? null : smallest(strongest.map(({ evidence }) => evidence.amount!));
}

/**
 * Amounts that successes told and that are not the registered one, zero left out, as long as no success that counts
 * names its amount.
 */
export function doubtedAmounts(weighed: WeighedEvidence[]): Money[] {
  if (countingSuccesses(weighed).some(({ evidence }) => evidence.amount !== undefined)) return [];
  const told = weighed.filter(({ isMismatch }) => isMismatch).map(({ evidence }) => evidence.amount!);
  return told.filter(({ minor }) => minor > 0n);
}

/** The successes that count. */
export function countingSuccesses(weighed: WeighedEvidence[]): WeighedEvidence[] {
  return weighed.filter(({ counts, evidence }) => counts && evidence.says === "completed");
}

/** The smallest amount, of the first currency in the order of their codes. Takes at least one. */
export function smallest(amounts: Money[]): Money {
  return [...amounts].sort((a, b) => compare(a.currency, b.currency) || compare(a.minor, b.minor))[0]!;
}

function firstAmount(evidence: Evidence[]): Money | null {
  return evidence.find(({ amount }) => amount !== undefined)?.amount ?? null;
}
