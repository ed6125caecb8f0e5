import type { Asked } from "./ask.ts";

/** What a pass came to, as the contract's section 7 counts it. */
export type Tally = {
  /** Questions that were answered. */
  polled: number;
  /** Transactions that became final. */
  settled: number;
  /** Answered, and still open. */
  pending: number;
  unresolved: number;
  /** Questions without an answer. */
  errors: number;
  /** Due, and not asked: the allowance is spent, or the connection is paused. */
  rate_limited: number;
  /** Due, and being asked by another pass. */
  already_running: number;
};

export function newTally(): Tally {
  return { polled: 0, settled: 0, pending: 0, unresolved: 0, errors: 0, rate_limited: 0, already_running: 0 };
}

export function countAsked(tally: Tally, { word }: Asked): void {
  switch (word) {
    case "settled":
      tally.polled += 1;
      tally.settled += 1;
      break;
    case "pending":
    case "stopped":
      tally.polled += 1;
      tally.pending += 1;
      break;
    case "unavailable":
    case "credentials-refused":
      tally.errors += 1;
      break;
    case "throttled":
      // It is ready again, and counted with what else waits.
      break;
    case "lost":
      tally.already_running += 1;
      break;
  }
}

export function countEnding(tally: Tally, as: "expired" | "unresolved"): void {
  if (as === "unresolved") tally.unresolved += 1;
  else tally.settled += 1;
}
