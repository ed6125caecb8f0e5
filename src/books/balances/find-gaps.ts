import type { BalanceRow } from "./balance-store.ts";

/** A balance that does not follow from the one before. Amounts are minor units. */
export type Gap = {
  balanceId: string;
  at: Date;
  previousAt: Date;
  /** Before the payment, by the balance before; and what it was. */
  expected: bigint;
  found: bigint;
  currency: string;
};

/**
 * The gaps among balances, oldest first. Payments of one second have no order of their own: they are put into the one
 * in which each balance follows from another. A balance without a payment's amount (an account balance result) says
 * what is there, and begins the chain again.
 */
export function findGaps(balances: readonly BalanceRow[]): Gap[] {
  const gaps: Gap[] = [];
  let previous: BalanceRow | null = null;
  for (const group of bySecond(balances)) {
    for (const balance of inOrder(group, previous)) {
      const gap: Gap | null = previous === null ? null : gapBetween(previous, balance);
      if (gap !== null) gaps.push(gap);
      previous = balance;
    }
  }
  return gaps;
}

function gapBetween(previous: BalanceRow, { id, at, amount, change, currency }: BalanceRow): Gap | null {
  const found = amount - (change ?? 0n);
  if (currency !== previous.currency || found === previous.amount) return null;
  return { balanceId: id, at, previousAt: previous.at, expected: previous.amount, found, currency };
}

function bySecond(balances: readonly BalanceRow[]): BalanceRow[][] {
  const groups: BalanceRow[][] = [];
  for (const balance of balances) {
    const last = groups.at(-1);
    const second = (row: BalanceRow) => Math.floor(row.at.getTime() / 1000);
    if (last && second(last[0]!) === second(balance)) last.push(balance);
    else groups.push([balance]);
  }
  return groups;
}

/** Chains the balances of one second; what follows from none comes in the order of its amount. */
function inOrder(group: BalanceRow[], previous: BalanceRow | null): BalanceRow[] {
  const left = [...group];
  const ordered: BalanceRow[] = [];
  let amount = previous?.amount ?? null;
  while (left.length > 0) {
    const next = left.findIndex(row => row.amount - (row.change ?? 0n) === amount);
    const [row] = left.splice(Math.max(next, 0), 1);
    ordered.push(row!);
    amount = row!.amount;
  }
  return ordered;
}
