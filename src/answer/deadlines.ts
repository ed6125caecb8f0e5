import type { DecisionChannel } from "../providers/decision.ts";

/** Times for one decision, in ms. */
export type Deadline = {
  /** From the arrival of the callback until its answer is sent, whatever happens. */
  totalMs: number;
  /** For a look-up in the database that the decision depends on. */
  lookUpMs: number;
  /** For looking up the answer to an earlier copy. Without a database the decision is made all the same. */
  earlierAnswerMs: number;
  /** For the merchant's answer, where the connection's settings have no `timeout_ms`. */
  merchantMs: number;
};

/**
 * The promised 1 s (airtime) and 5 s (C2B), and the patience of USSD gateways, less the time on the network of a busy
 * machine. For airtime, the merchant gets the time that look-up and margin leave.
 */
export const deadlines = {
  "airtime.validation": { totalMs: 800, lookUpMs: 400, earlierAnswerMs: 100, merchantMs: 600 },
  "c2b.validation": { totalMs: 4400, lookUpMs: 1500, earlierAnswerMs: 300, merchantMs: 3000 },
  "ussd.input": { totalMs: 7000, lookUpMs: 1500, earlierAnswerMs: 1500, merchantMs: 3000 },
} as const satisfies Record<DecisionChannel["type"], Deadline>;

export type Deadlines = Record<DecisionChannel["type"], Deadline>;
