import type { FinalStatus, Kind, ProviderRefs } from "./kinds.ts";
import type { Money } from "./money.ts";

/** Where a piece of evidence came from; `status_source` in the API. */
export const sources = ["registration", "callback", "poll", "statement", "operator", "schedule"] as const;
export type Source = (typeof sources)[number];

/** How much a piece of evidence is worth, weakest first. `match` is never stored: deciding finds it (see decide.ts). */
export const strengths = ["hint", "match", "signed", "poll", "statement", "operator"] as const;
export type Strength = (typeof strengths)[number];

/**
 * What a piece of evidence says of the transaction.
 * `nothing`: worth keeping, settles nothing (a time-out notice, a query that was taken).
 * `contradiction`: the provider's answer contradicts itself; it settles nothing and asks for a review.
 * `unresolved`: asking has ended without an answer (only the schedule says so).
 */
export type Says = FinalStatus | "pending" | "processing" | "unresolved" | "contradiction" | "nothing";

/**
 * One thing learnt about one transaction, as a provider's folder reads it out of stored bytes. Plain data, JSON-safe but for
 * `amount.minor`.
 */
export type Finding = {
  /** What the transaction would be, were this the first thing heard of it. */
  kind: Kind;
  says: Says;
  /** The provider's ids. Which of them identify a transaction is `identity`'s word. */
  refs: ProviderRefs;
  /**
   * The texts that identify the transaction within its connection, e.g. `checkout_request_id:ws_CO_…`, `receipt:TJI…`. Two
   * findings that share one are about the same transaction. At least one, unless `reference` stands in.
   */
  identity: string[];
  amount?: Money;
  /** E.164. Absent where it is masked, hashed or missing. */
  phone?: string;
  partyName?: string;
  /** The provider's own code and text. Codes are strings; match on codes, never on texts. */
  result?: { code: string; description: string };
  /** The account reference a payer typed, or the merchant's own reference echoed. */
  reference?: string;
  occurredAt?: Date;
  /** What else people need, as text: `tokens`, `units`, `failure_reason`. */
  details?: Record<string, string>;
  /**
   * A failure that is not believed yet: a status query's first "failed" (PROVIDERS: sandbox queries have said "failed" for
   * payments whose callback said paid). It settles nothing and raises no conflict.
   */
  provisional?: boolean;
  /** The receipt of another payment that this one, a reversal that succeeded, gives back. */
  reverses?: string;
  /**
   * This answers a question asked about another transaction (a transaction status query's `result`). The identity is the
   * conversation's; settle finds whom it was asked for.
   */
  answersQuestion?: boolean;
};

/** A finding with its origin: what is kept, and what `decide` folds. */
export type Evidence = Finding & {
  /** Deterministic: the same origin, reading and content give the same id, so repetition is harmless. */
  id: string;
  source: Source;
  strength: Exclude<Strength, "match">;
  /** The callback it was read from; null for answers, statements, decisions. */
  callbackId: string | null;
  /** Re-reading a callback gives a higher number; only the highest of one callback counts. */
  reading: number;
  /** When Hakika learnt it. Decides nothing but which operator's word is the latest. */
  learntAt: Date;
  /** An operator's note. */
  note?: string;
  /** The transaction that already has this receipt; settle finds it, deciding asks for the review. */
  duplicateOf?: string;
  /** The reversal that gave this payment back; settle finds it once the reversal itself has completed. */
  reversedBy?: string;
};
