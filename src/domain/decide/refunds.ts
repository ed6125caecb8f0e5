import type { Evidence } from "../evidence.ts";
import type { Money } from "../money.ts";
import { smallest } from "./amount.ts";
import type { WeighedEvidence } from "./weigh.ts";

/** What the refunds that count come to. */
export type Refunds = {
  /** In minor units of the transaction's currency. */
  minor: bigint;
  /** `partly`: less than the amount was given back. */
  extent: "none" | "partly" | "whole";
  /** Why the refunds cannot be right, in words; null where they can. */
  problem: string | null;
};

/**
 * Adds up the refunds that count, each once. Two reports are of two refunds where the ids or times of the refunds
 * differ. A refund without an amount is of the whole, as is any refund of an amount that is not known.
 */
export function sumRefunds(weighed: WeighedEvidence[], amount: Money | null): Refunds {
  const reports = weighed.filter(({ counts, evidence }) => counts && evidence.says === "refunded");
  if (reports.length === 0) return { minor: 0n, extent: "none", problem: null };
  const amounts = distinctRefunds(reports);
  const ofWhole = amounts.includes(null) || amount === null;
  const other = amounts.find(refund => refund !== null && refund.currency !== amount?.currency);
  const partial = amounts.flatMap(refund => (refund !== null && refund.currency === amount?.currency ? [refund] : []));
  const sum = partial.reduce((total, { minor }) => total + minor, 0n);
  const total = amount?.minor ?? 0n;
  const isWhole = ofWhole || sum >= total;
  return {
    minor: isWhole && sum < total ? total : sum,
    extent: isWhole ? "whole" : "partly",
    problem:
      amount !== null && other
        ? "A refund is in another currency than the payment."
        : sum > total && amount !== null
          ? "More was refunded than was paid."
          : null,
  };
}

/** The amount of each refund; null for one of the whole. */
function distinctRefunds(reports: WeighedEvidence[]): (Money | null)[] {
  const byRefund = new Map<string, Evidence[]>();
  for (const { evidence } of reports) {
    const name = refundName(evidence);
    byRefund.set(name, [...(byRefund.get(name) ?? []), evidence]);
  }
  const { [unnamed]: withoutName, ...named } = Object.fromEntries(
    [...byRefund].map(([name, evidence]) => [name, amountOf(evidence)]),
  );
  const amounts = Object.values(named);
  if (withoutName === undefined) return amounts;
  // A report without id and time may be of a refund that another report names.
  const isNamed = amounts.some(
    refund => refund?.minor === withoutName?.minor && refund?.currency === withoutName?.currency,
  );
  return isNamed ? amounts : [...amounts, withoutName];
}

const unnamed = "";

function refundName({ reversedBy, refs, occurredAt }: Evidence): string {
  if (reversedBy !== undefined) return `reversal ${reversedBy}`;
  if (refs.refund_id !== undefined) return `id ${refs.refund_id}`;
  return occurredAt === undefined ? unnamed : `time ${occurredAt.toISOString()}`;
}

/** Of several reports of one refund, the strongest that names an amount; the smaller of two equally strong ones. */
function amountOf(evidence: Evidence[]): Money | null {
  const withAmount = evidence.filter(({ amount }) => amount !== undefined);
  const strongest = withAmount.filter(({ strength }) => strength === withAmount[0]!.strength);
  return strongest.length === 0 ? null : smallest(strongest.map(({ amount }) => amount!));
}
