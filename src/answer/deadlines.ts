import type { DecisionChannel } from "../providers/decision.ts";

/** How long one question may take, in ms since it arrived. */
export type Deadline = {
  /** Whatever happens, the answer is given by then. */
  totalMs: number;
  /** For looking up what the answer depends on. */
  lookUpMs: number;
  /** For looking up the answer of an earlier copy, where a merchant is asked: without a database they are asked all the same. */
  earlierMs: number;
  /** For the merchant, where the connection does not say. */
  merchantMs: number;
};

/**
 * The promised 1 s (airtime) and 5 s (C2B), and what USSD gateways wait, less what the way there and back may take on a busy machine.
 * Airtime's merchant gets what look-up and margin leave.
 */
export const deadlines = {
  "airtime.validation": { totalMs: 800, lookUpMs: 400, earlierMs: 100, merchantMs: 600 },
  "c2b.validation": { totalMs: 4400, lookUpMs: 1500, earlierMs: 300, merchantMs: 3000 },
  "ussd.input": { totalMs: 7000, lookUpMs: 1500, earlierMs: 1500, merchantMs: 3000 },
} as const satisfies Record<DecisionChannel["type"], Deadline>;

export type Deadlines = Record<DecisionChannel["type"], Deadline>;

/** What became of work that was given a time: its value, or nothing in time, or a failure. */
export type Timely<T> = { kind: "done"; value: T } | { kind: "late" } | { kind: "failed"; error: unknown };

/** Waits for `work` for at most `ms`. Work that is late goes on: whoever began it looks after it. Never rejects. */
export function beforeDeadline<T>(work: PromiseLike<T>, ms: number): Promise<Timely<T>> {
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve({ kind: "late" }), Math.max(0, ms));
    const end = (outcome: Timely<T>) => {
      clearTimeout(timer);
      resolve(outcome);
    };
    work.then(
      value => end({ kind: "done", value }),
      error => end({ kind: "failed", error }),
    );
  });
}
