import type { Connection } from "../connections/connection.ts";
import type { Transaction } from "../domain/transaction.ts";

/** When a transaction is polled next. */
export type ScheduleEntry = {
  transactionId: string;
  connectionId: string;
  dueAt: Date;
  /** When the schedule ends the transaction as expired or unresolved. */
  endsAt: Date;
  /** Poll in so many ms, without waiting for a pass; null leaves the poll to passes. */
  urgentAfterMs: number | null;
};

/** One poll of a transaction, as its timeline shows it. */
export type PollRecord = {
  id: string;
  at: Date;
  outcome: PollRecordOutcome;
  /** Codes and field names, never values; null where the outcome says it all. */
  reason: string | null;
  latencyMs: number;
};
export type PollRecordOutcome =
  | "answered"
  | "not-yet"
  | "not-found"
  | "deferred"
  | "stop"
  | "throttled"
  | "refused"
  | "credentials-refused"
  | "unavailable";

/** A leased entry given back after a poll, with the next poll of the transaction. */
export type PollRelease = {
  transactionId: string;
  leaseId: string;
  /** The next poll; null removes the entry. */
  dueAt: Date | null;
  /** When the schedule ends the transaction. */
  endsAt: Date;
  /** Poll again at once, without waiting for a pass. */
  urgent: boolean;
  /** Whether the provider was called, with or without an answer. */
  polled: boolean;
  /** Polls with an answer. */
  tries: number;
  /** Polls without an answer, in a row. */
  failures: number;
  /** The poll that ends with this release; null where the provider was not called. */
  record: PollRecord | null;
};

/**
 * A transaction that a batch changed. `before` is null for a new transaction; `connection` is null for a transaction
 * that was merged into another.
 */
export type ScheduleChange = {
  connection: Connection | null;
  before: Transaction | null;
  after: Transaction;
  /** Request an urgent poll in so many ms; null requests none. */
  pollAfterMs: number | null;
};
