import type { Transaction } from "../../domain/transaction.ts";
import type { PollRelease } from "../../schedule/schedule-entry.ts";

/** An entry of the schedule that this process has leased, with its transaction. */
export type ClaimedPoll = {
  leaseId: string;
  /** Whether the poll was urgent when it was claimed. */
  wasUrgent: boolean;
  /** Whether the poll is part of a drift audit: the transaction is finished, and asked about once more. */
  isAudit: boolean;
  endsAt: Date;
  /** The last poll. */
  polledAt: Date | null;
  tries: number;
  failures: number;
  /** When a poll first reported a failure that is not believed yet (`Finding.provisional`). */
  provisionalSince: Date | null;
  /**
   * The receipt of a success whose amount is in doubt (review `amount_mismatch`); null where there is none, and after a
   * poll about it: a false receipt keeps no payment open.
   */
  receiptInDoubt: string | null;
  transaction: Transaction;
};

/** The release of a claimed poll, unchanged but for what `next` names. */
export function releaseOf(
  { leaseId, endsAt, tries, failures, transaction }: ClaimedPoll,
  next: Partial<PollRelease> & Pick<PollRelease, "dueAt">,
): PollRelease {
  const unchanged = { transactionId: transaction.id, leaseId, endsAt, tries, failures };
  return { ...unchanged, urgent: false, polled: false, record: null, ...next };
}
