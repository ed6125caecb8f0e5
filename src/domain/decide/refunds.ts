import type { Evidence } from "../evidence.ts";
import type { Money } from "../money.ts";
import { strongestAmount } from "./amount.ts";
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
  const named = amounts.filter(refund => refund !== null);
  const own = named.filter(({ currency }) => currency === amount?.currency);
  const sum = own.reduce((total, { minor }) => total + minor, 0n);
  const total = amount?.minor ?? 0n;
  const isWhole = ofWhole || sum >= total;
  return {
    minor: isWhole && sum < total ? total : sum,
    extent: isWhole ? "whole" : "partly",
    problem: amount && problemOf({ isForeign: own.length < named.length, isTooMuch: sum > total }),
  };
}

function problemOf({ isForeign, isTooMuch }: { isForeign: boolean; isTooMuch: boolean }): string | null {
  if (isForeign) return "A refund is in another currency than the payment.";
  return isTooMuch ? "More was refunded than was paid." : null;
}

/** The amount of each refund; null for one of the whole. */
function distinctRefunds(reports: WeighedEvidence[]): (Money | null)[] {
  const byRefund = new Map<string, WeighedEvidence[]>();
  for (const report of reports) {
    const name = refundName(report.evidence);
    byRefund.set(name, [...(byRefund.get(name) ?? []), report]);
  }
  const { [unnamed]: withoutName, ...named } = Object.fromEntries(
    [...byRefund].map(([name, reports]) => [name, strongestAmount(reports)]),
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
