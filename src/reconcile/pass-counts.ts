import type { PollResult } from "./poll/poll-result.ts";

/** What a pass came to, as `POST /v1/reconcile` counts it. */
export type PassCounts = {
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

export function newPassCounts(): PassCounts {
  return { polled: 0, settled: 0, pending: 0, unresolved: 0, errors: 0, rate_limited: 0, already_running: 0 };
}

/** A tally while its pass runs; `open` has those that `pending` counts, for whoever ends one of them. */
export type PassCounter = PassCounts & { open: Set<string> };

export const newPassCounter = (): PassCounter => ({ ...newPassCounts(), open: new Set() });

export function finishPassCounter({ open: _open, ...tally }: PassCounter): PassCounts {
  return tally;
}

export function countPoll(tally: PassCounter, transactionId: string, { outcome }: PollResult): void {
  switch (outcome) {
    case "settled":
      tally.polled += 1;
      tally.settled += 1;
      leaveOpen(tally, transactionId);
      break;
    case "pending":
    case "stopped":
      tally.polled += 1;
      if (!tally.open.has(transactionId)) tally.pending += 1;
      tally.open.add(transactionId);
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

/** What was asked a last time and is over then is not open any more. */
export function countEnded(tally: PassCounter, transactionId: string, as: "expired" | "unresolved"): void {
  leaveOpen(tally, transactionId);
  if (as === "unresolved") tally.unresolved += 1;
  else tally.settled += 1;
}

/** What a statement finished: it may have been asked about in the same pass, in vain. */
export function countSettled(tally: PassCounter, transactionIds: readonly string[]): void {
  tally.settled += 1;
  for (const id of transactionIds) leaveOpen(tally, id);
}

function leaveOpen(tally: PassCounter, transactionId: string): void {
  if (tally.open.delete(transactionId)) tally.pending -= 1;
}
