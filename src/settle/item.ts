import type { Connection } from "../connections/connection.ts";
import type { Evidence } from "../domain/evidence.ts";
import type { Status } from "../domain/kinds.ts";
import type { Registration, StartState } from "../domain/transaction.ts";
import type { FieldProblem, ProviderMessage, ToldBalance } from "../providers/provider.ts";
import type { PollRelease } from "../schedule/schedule-entry.ts";

/** The callback an item was read from, and the lease under which it was claimed. */
export type ReadCallback = {
  id: string;
  leaseId: string | null;
  reading: number;
  /** The channel that it came to. */
  channel: string;
  /** The channel it was read as, where an operator named another one than its own. */
  readAs?: string | null;
  /** Words of its body that look like receipts, by which it is found in quarantine; null of one that was read. */
  words?: readonly string[] | null;
  /** The receiver that it names, where that is not its connection's: one of the item's problems says so. */
  wrongReceiver?: string | null;
};

/** Who registered a transaction, as its timeline shows it. */
export type RegisteredBy = { kind: "admin" | "operator" | "key"; id: string | null; name: string | null };

/** A registration with its origin. */
export type RegistrationRequest = {
  registration: Registration;
  by: RegisteredBy | null;
  /** Whether it may change what an unfinished registration says. */
  amend: boolean;
  /** Position of its item in the batch; null for the registration of a merged transaction. */
  position: number | null;
};

/** Why a registration was refused. */
export type RegistrationRefusal =
  /**
   * It says something else than the registration that it met, and may not change it. `fields` are the names of the
   * values that differ; `finished`: no registration could change it any more.
   */
  | { kind: "differs"; transactionId: string; fields: string[]; finished: boolean }
  /** It begins a start, and this unfinished transaction of the same kind and reference was started already. */
  | { kind: "started"; transactionId: string };

/** What an item does to a start (the room start/). It settles nothing where the start's lease was lost. */
export type StartStep = { startId: string; leaseId: string } & (
  | {
      step: "begin";
      /** Whether an unfinished transaction that was started with the same kind and reference is no obstacle. */
      again: boolean;
      /** The phone (E.164) or account, where the callback may have to be found by it (StartNeeds.byRecipient). */
      recipient: string | null;
    }
  | { step: "end"; state: StartState; providerMessage: string | null; redirectUrl?: string }
);

/** A balance of the connection's account. `change`: minor units that the payment added, null where none is named. */
export type KnownBalance = ToldBalance & { id: string; connectionId: string; change: bigint | null; learntAt: Date };

/**
 * One thing to settle: a callback that was read, a registration, a poll's answer, a statement's row or a decision. All
 * items of a batch are of one shard.
 */
export type SettleItem = {
  connection: Connection;
  callback: ReadCallback | null;
  registration: Registration | null;
  /** Who registers; null where the item registers nothing. */
  by: RegisteredBy | null;
  /** Whether the registration may change what an unfinished registration says. */
  amend: boolean;
  /** The transaction the item is about, where it is known without the item's ids (a poll's answer, a decision). */
  target: string | null;
  evidence: Evidence[];
  /** Messages that become events without settling anything. */
  messages: ProviderMessage[];
  /** Balances that it tells. */
  balances: KnownBalance[];
  /** Why the callback cannot be read: it is quarantined and settles nothing. */
  problems: FieldProblem[];
  /** The schedule entry to give back. The item settles nothing where the entry's lease was lost. */
  poll: PollRelease | null;
  start: StartStep | null;
};

/** An item of a connection. Parts that are left out are empty. */
export function settleItem(connection: Connection, parts: Partial<Omit<SettleItem, "connection">>): SettleItem {
  return {
    connection,
    callback: null,
    registration: null,
    by: null,
    amend: false,
    target: null,
    evidence: [],
    messages: [],
    balances: [],
    problems: [],
    poll: null,
    start: null,
    ...parts,
  };
}

/** What settling an item came to, in the order of the items. */
export type Settled = {
  /** The callback the item was read from; null for an item without one. */
  callbackId: string | null;
  /** The lease of the item's callback or poll was lost to another process, so the item changed nothing. */
  lost: boolean;
  transactionIds: string[];
  /** The statuses of those transactions after the batch. */
  statuses: Status[];
  /** Whether the batch created one of the transactions. */
  created: boolean;
  /** Whether one of the transactions became final in this batch. */
  finished: boolean;
  /** The registration that the item's registration replaced; null where it replaced none. */
  amended: Registration | null;
  /** The item's registration changed nothing, and why; null where it was taken, and for other items. */
  refusal: RegistrationRefusal | null;
};
