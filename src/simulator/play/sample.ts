import { randomInt } from "node:crypto";

/** The invented particulars of one simulated transaction. */
export type Sample = {
  /** Ten characters that nothing else has, and every body about it: M-Pesa's receipts look like this. */
  mark: string;
  /** Decimal text. */
  amount: string;
  /** E.164 without the plus. */
  phone: string;
  at: Date;
};

const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

export function newSample(at: Date): Sample {
  const mark = `S${Array.from({ length: 9 }, () => letters[randomInt(letters.length)]).join("")}`;
  return { mark, amount: "50.00", phone: "254711330021", at };
}
