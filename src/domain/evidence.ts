import type { FinalStatus, Kind, ProviderRefs } from "./kinds.ts";
import type { Money } from "./money.ts";

/** Where evidence comes from; `status_source` in the API. */
export const sources = ["registration", "callback", "poll", "statement", "operator", "schedule"] as const;
export type Source = (typeof sources)[number];

/** How much evidence is worth, weakest first. `match` is never stored: `decide` derives it from the registration. */
export const strengths = ["hint", "match", "signed", "poll", "statement", "operator"] as const;
export type Strength = (typeof strengths)[number];

/**
 * What evidence says of the transaction.
 * `nothing`: kept for the timeline, settles nothing (a time-out notice, a query that was accepted).
 * `contradiction`: the provider's answer contradicts itself; it settles nothing and needs a review.
 * `disputed`: the payer contests the payment at the provider; it settles nothing and, if signed, asks for a review.
 * `unresolved`: polling ended without a final answer; only the schedule says so.
 */
export type Says = FinalStatus | "pending" | "processing" | "unresolved" | "contradiction" | "disputed" | "nothing";

/**
 * One thing learnt about one transaction, as a provider's folder reads it out of stored bytes. Plain data, JSON-safe
 * but for `amount.minor`.
 */
export type Finding = {
  /** The kind of the transaction, should this finding create it. */
  kind: Kind;
  says: Says;
  /** The provider's ids. `identity` says which of them identify the transaction. */
  refs: ProviderRefs;
  /**
   * The texts that identify the transaction within its connection, e.g. `checkout_request_id:ws_CO_…`, `receipt:TJI…`.
   * Two findings that share one are about the same transaction. At least one, unless `reference` stands in.
   */
  identity: string[];
  amount?: Money;
  /** E.164. Absent where it is masked, hashed or missing. */
  phone?: string;
  /** A masked number as the provider shows it: `0722***430`. */
  phoneMasked?: string;
  /**
   * Lower-case hex SHA-256 of the number's digits, country code first (Daraja's C2B, version 1). Never stored as it is:
   * about 2·10^8 numbers are possible, so the hash gives the number away. Settle keeps `phoneKey` instead.
   */
  phoneSha256?: string;
  partyName?: string;
  /** The provider's own code and text. Codes are strings; match on codes, never on texts. */
  result?: { code: string; description: string };
  /** The account reference a payer typed, or the merchant's own reference echoed. */
  reference?: string;
  occurredAt?: Date;
  /** Further facts as text: `tokens`, `units`, `failure_reason`. */
  details?: Record<string, string>;
  /**
   * A failure that does not count yet: a status query's first "failed" (queries of Daraja's sandbox have said "failed"
   * for payments whose callback said paid). It settles nothing and raises no conflict.
   */
  provisional?: boolean;
  /**
   * The provider's id of one try to pay, where a transaction may have several: the failure of one contradicts no
   * success of another.
   */
  tryId?: string;
  /** On a reversal that succeeded: the receipt of the payment that it refunds. */
  reverses?: string;
  /**
   * A deferred answer to a poll (a transaction status query's `result`). Its identity is the conversation's; settle
   * finds the transaction that was polled.
   */
  answersQuestion?: boolean;
  /** The balance of the connection's account after this payment. Settle keeps it apart from the evidence. */
  balance?: Money;
  /** On an answer about a receipt: who received the money, by the number that the provider names. */
  receiver?: string;
  /**
   * News without an outcome: the callback says that something changed (Reading), or that an answer did not come in
   * time. The transaction is polled.
   */
  changed?: boolean;
};

/**
 * A payment that names the reference of a registered, unfinished transaction (the order) and has another amount. Each
 * of the two has this as evidence about the other. Plain JSON.
 */
export type SameReference = {
  transactionId: string;
  /** What the other transaction is. */
  role: "order" | "payment";
  /** The other transaction's amount, `minor` as decimal text. */
  minor: string;
  currency: string;
  /** Of the order's registration (Registration.revision). The highest counts. */
  revision: number;
  /** Written because the other transaction has it: it is not passed on again. */
  mirrored?: boolean;
};

/** A finding with its origin: what is stored, and what `decide` folds. */
export type Evidence = Finding & {
  /** Deterministic: the same origin, reading and content give the same id, so a repetition changes nothing. */
  id: string;
  source: Source;
  strength: Exclude<Strength, "match">;
  /** The callback it was read from; null for evidence of any other source. */
  callbackId: string | null;
  /** Re-reading a callback gives a higher number; only the highest of one callback counts. */
  reading: number;
  /** When Hakika learnt it. Decides which operator's decision is the latest, and which disputes came after it. */
  learntAt: Date;
  /** Keyed hash of `phoneSha256`, in hex: the same as the keyed hash of the number itself. */
  phoneKey?: string;
  /** An operator's note, or what settle found out about the payment (a validation that was refused). */
  note?: string;
  /**
   * It counted by the rules of version 1, and its status was told. It still counts: no told status changes because the
   * rules do. The migration to version 2 set it.
   */
  believed?: boolean;
  /** Another transaction with the same reference and another amount. Settle finds it. */
  sameReference?: SameReference;
  /** The transaction whose `sameReference` needs no review any more: it was paid or resolved, or is this one now. */
  sameReferenceEnded?: string;
  /** The transaction that already has this receipt. Settle finds it; `decide` asks for the review. */
  duplicateOf?: string;
  /** The reversal that refunded this payment. Settle finds it once the reversal itself has completed. */
  reversedBy?: string;
};
