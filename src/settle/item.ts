import type { Connection } from "../connections/connection.ts";
import type { Evidence } from "../domain/evidence.ts";
import type { Status } from "../domain/kinds.ts";
import type { Registration } from "../domain/transaction.ts";
import type { FieldProblem, ProviderMessage } from "../providers/provider.ts";
import type { PollRelease } from "../schedule/schedule-entry.ts";

/** The callback an item was read from, and the lease under which it was claimed. */
export type ReadCallback = { id: string; leaseId: string | null; reading: number };

/** One thing to settle: a callback that was read, a registration, an answer, a decision. All of one batch are of one shard. */
export type SettleItem = {
  connection: Connection;
  callback: ReadCallback | null;
  registration: Registration | null;
  /** The transaction it is about, where that is known without its ids (an answer, an operator's word). */
  target: string | null;
  evidence: Evidence[];
  /** What becomes an event straight away. */
  messages: ProviderMessage[];
  /** Why it cannot be read; then it goes to quarantine and settles nothing. */
  problems: FieldProblem[];
  /** The question that this is the answer to; it settles nothing where its lease was lost. */
  poll?: PollRelease;
};

/** What settling an item came to, in the order of the items. `lost`: another holder has its callback or question. */
export type Settled = {
  /** The callback it was read from, where it was. */
  callbackId: string | null;
  lost: boolean;
  transactionIds: string[];
  /** Of the transactions, as they are now. */
  statuses: Status[];
  created: boolean;
  /** Whether one of them became final by this batch. */
  finished: boolean;
};
