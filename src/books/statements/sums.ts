import type { Preamble } from "../../providers/statement.ts";
import type { JudgedLine } from "./line-store.ts";
import { readSigned } from "./read/signed-amount.ts";

type Bound = { at: Date; amount: bigint; balance: bigint | null };

/** What the lines of a statement come to. Amounts are minor units; `withdrawn` is positive. */
export type StatementSums = {
  from: Date | null;
  to: Date | null;
  openingBalance: bigint | null;
  closingBalance: bigint | null;
  paidIn: bigint;
  withdrawn: bigint;
  addsUp: boolean | null;
};

/** Adds the lines of a statement up, one batch after the other. */
export function createSums(preamble: Preamble, currency: string) {
  let paidIn = 0n;
  let withdrawn = 0n;
  let [earliest, latest]: [Date | null, Date | null] = [null, null];
  let [first, last]: [Bound | null, Bound | null] = [null, null];

  return {
    add({ line, judgement }: JudgedLine): void {
      if (!line.isReadable || judgement.isRepeated) return;
      const { at, amount, balance } = line;
      if (earliest === null || at < earliest) earliest = at;
      if (latest === null || at > latest) latest = at;
      if (line.says !== "completed") return;
      if (amount > 0n) paidIn += amount;
      else withdrawn -= amount;
      first ??= { at, amount, balance };
      last = { at, amount, balance };
    },
    /** The statement's own balances, else those of its oldest and newest line. */
    result(): StatementSums {
      // M-Pesa lists the newest line first.
      const isNewestFirst = first !== null && last !== null && first.at > last.at;
      const [oldest, newest] = isNewestFirst ? [last, first] : [first, last];
      const opening = readBalance(preamble.openingBalance, currency) ?? before(oldest);
      const closing = readBalance(preamble.closingBalance, currency) ?? newest?.balance ?? null;
      return {
        from: preamble.from ?? earliest,
        to: preamble.to ?? latest,
        openingBalance: opening,
        closingBalance: closing,
        paidIn,
        withdrawn,
        addsUp: opening === null || closing === null ? null : opening + paidIn - withdrawn === closing,
      };
    },
  };
}

function before(line: Bound | null): bigint | null {
  return line === null || line.balance === null ? null : line.balance - line.amount;
}

function readBalance(text: string | undefined, currency: string): bigint | null {
  return text === undefined ? null : readSigned(text, currency);
}
