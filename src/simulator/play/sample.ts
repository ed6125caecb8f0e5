import { randomInt } from "node:crypto";

/** The invented facts of one simulated transaction. */
export type Sample = {
  /** Ten characters that occur in every body about this sample and nowhere else, in the form of an M-Pesa receipt. */
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
