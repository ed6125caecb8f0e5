/** The counts of a pass, as `POST /v1/reconcile` answers them. */
export type PassCounts = {
  /** Polls with an answer. */
  polled: number;
  /** Transactions that became final. */
  settled: number;
  /** Transactions with an answer that are still unfinished, and audits that are left for the next pass. */
  pending: number;
  unresolved: number;
  /** Polls without an answer. */
  errors: number;
  /** Due, and not polled: the rate limit is reached, or the connection is paused. */
  rate_limited: number;
  /** Due, and being polled by another pass. */
  already_running: number;
  /** Finished transactions of which an audit has an answer. They are in none of the counts above. */
  audited: number;
  /** Those of which the provider says something else now. */
  drifted: number;
};

export function newPassCounts(): PassCounts {
  const polls = { polled: 0, settled: 0, pending: 0, unresolved: 0, errors: 0, rate_limited: 0, already_running: 0 };
  return { ...polls, audited: 0, drifted: 0 };
}

/**
 * The counts of a running pass. `pendingIds` are the transactions counted in `pending`, so that a later end removes
 * them from it.
 */
export type PassCounter = PassCounts & { pendingIds: Set<string> };

export const newPassCounter = (): PassCounter => ({ ...newPassCounts(), pendingIds: new Set() });

export function countsOf({ pendingIds: _pendingIds, ...counts }: PassCounter): PassCounts {
  return counts;
}

/** Counts a poll with an answer: the transaction is final by it, or still pending. */
export function countAnswer(counter: PassCounter, transactionId: string, isFinal: boolean): void {
  counter.polled += 1;
  if (isFinal) {
    counter.settled += 1;
    removePending(counter, transactionId);
  } else if (!counter.pendingIds.has(transactionId)) {
    counter.pending += 1;
    counter.pendingIds.add(transactionId);
  }
}

/** Counts a transaction that the schedule ended. One that expires after its last poll no longer counts as pending. */
export function countEnd(counter: PassCounter, transactionId: string, as: "expired" | "unresolved"): void {
  removePending(counter, transactionId);
  if (as === "unresolved") counter.unresolved += 1;
  else counter.settled += 1;
}

/**
 * Counts a statement row that made transactions final. One that was polled in the same pass no longer counts as
 * pending.
 */
export function countStatementRow(counter: PassCounter, transactionIds: readonly string[]): void {
  counter.settled += 1;
  for (const id of transactionIds) removePending(counter, id);
}

function removePending(counter: PassCounter, transactionId: string): void {
  if (counter.pendingIds.delete(transactionId)) counter.pending -= 1;
}
