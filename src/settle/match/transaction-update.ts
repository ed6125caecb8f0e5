import type { Connection } from "../../connections/connection.ts";
import type { Evidence } from "../../domain/evidence.ts";
import type { StartJson, Transaction } from "../../domain/transaction.ts";
import type { RegistrationRequest, StartStep } from "../item.ts";

/** A transaction that was merged into another after events of it were sent. */
export type MergedAnnouncement = {
  from: string;
  /** Whether one of those events was its `payment.completed`. */
  announcedCompleted: boolean;
};

/** One transaction of a batch, with its stored evidence and what the batch adds to it. */
export type TransactionUpdate = {
  connection: Connection;
  /** As stored; for a new transaction, as it is before anything is known of it. */
  before: Transaction;
  isNew: boolean;
  /** Registrations that the batch adds. */
  registrations: RegistrationRequest[];
  /** Steps of its start. */
  starts: StartStep[];
  /** The start of a transaction that was merged into it. */
  startOfMerged: StartJson | null;
  /** Stored evidence. */
  known: Evidence[];
  /** Evidence that the batch adds. */
  fresh: Evidence[];
  merged: MergedAnnouncement[];
  /** Positions in the batch of the items that are about it. */
  items: Set<number>;
};
