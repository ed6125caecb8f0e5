import type { Connection } from "../connections/connection.ts";
import type { Transaction } from "../domain/transaction.ts";

/** When a transaction is polled next. */
export type ScheduleEntry = {
  transactionId: string;
  connectionId: string;
  dueAt: Date;
  /** When the schedule ends the transaction as expired or unresolved. */
  endsAt: Date;
  /** Poll at once, without waiting for a pass. */
  urgent: boolean;
};

/** A leased entry given back after a poll: what is next for the transaction. */
export type PollRelease = {
  transactionId: string;
  leaseId: string;
  /** The next poll; null removes the entry, for nothing is left to poll. */
  dueAt: Date | null;
  /** When the schedule ends the transaction. */
  endsAt: Date;
  /** Poll again at once, without waiting for a pass. */
  urgent: boolean;
  /** Whether the provider was called, whatever came of it. */
  polled: boolean;
  /** Answers so far. */
  tries: number;
  /** Calls without an answer, in a row. */
  failures: number;
};

/**
 * A transaction that a batch changed, as the schedule sees it. `before` is null for a new transaction; `connection` is null for one that
 * was merged into another.
 */
export type ScheduleChange = {
  connection: Connection | null;
  before: Transaction | null;
  after: Transaction;
  pollNow: boolean;
};
