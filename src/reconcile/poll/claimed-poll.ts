import type { Transaction } from "../../domain/transaction.ts";
import type { PollRelease } from "../../schedule/schedule-entry.ts";

/** A place that this process holds for the time of a lease, with all that asking needs of the transaction. */
export type ClaimedPoll = {
  leaseId: string;
  wasUrgent: boolean;
  endsAt: Date;
  polledAt: Date | null;
  tries: number;
  failures: number;
  provisionalSince: Date | null;
  transaction: Transaction;
};

/** How a place is given back: as it was, but for what is named. */
export function releaseOf(claimed: ClaimedPoll, next: Partial<PollRelease> & Pick<PollRelease, "dueAt">): PollRelease {
  const { leaseId, endsAt, tries, failures, transaction } = claimed;
  return {
    transactionId: transaction.id,
    leaseId,
    endsAt,
    urgent: false,
    polled: false,
    tries,
    failures,
    ...next,
  };
}
