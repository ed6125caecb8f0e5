import type { Transaction } from "../../domain/transaction.ts";
import type { PollRelease } from "../../schedule/schedule-entry.ts";

/** An entry of the schedule that this process has leased, with its transaction. */
export type ClaimedPoll = {
  leaseId: string;
  /** Whether the poll was urgent when it was claimed. */
  wasUrgent: boolean;
  endsAt: Date;
  /** The last poll. */
  polledAt: Date | null;
  tries: number;
  failures: number;
  /** When a poll first reported a failure that is not believed yet (`Finding.provisional`). */
  provisionalSince: Date | null;
  transaction: Transaction;
};

/** The release of a claimed poll, unchanged but for what `next` names. */
export function releaseOf(
  { leaseId, endsAt, tries, failures, transaction }: ClaimedPoll,
  next: Partial<PollRelease> & Pick<PollRelease, "dueAt">,
): PollRelease {
  return { transactionId: transaction.id, leaseId, endsAt, urgent: false, polled: false, tries, failures, ...next };
}
