import type { Finding } from "../domain/evidence.ts";
import type { Environment, Kind, ProviderRefs } from "../domain/kinds.ts";
import type { CallContext, CallFailure, Send } from "./call.ts";
import type { Needs, NonEmpty } from "./provider.ts";

/** The transaction that a poll is about. */
export type PollRequest = CallContext & {
  kind: Kind;
  refs: ProviderRefs;
  /** When Hakika learnt of the transaction. */
  createdAt: Date;
  /**
   * When this call first answered with a failure that was not believed (Finding.provisional); null where it never did.
   */
  provisionalSince: Date | null;
  /**
   * The receipt of a success that told another amount than the one registered: where the provider can be asked about a
   * receipt, it is, for the answer names the amount. Null where nothing is in doubt.
   */
  receiptInDoubt: string | null;
};

/** What a poll learnt. Only a closed list of final answers ends a transaction; any other answer is `not-yet`. */
export type StatusAnswer =
  /** Settled as evidence of strength `poll` of the polled transaction; it may be pending, or contradict itself. */
  | { kind: "evidence"; findings: NonEmpty<Finding> }
  /** Answered, and not final. The reason is for the timeline: codes and field names, never values. */
  | { kind: "not-yet"; reason: string }
  /** The provider does not know the transaction, or not yet: never a failure. */
  | { kind: "not-found" }
  /** The answer will come to a callback channel under one of these identity texts; `readDeferredAnswer` reads it. */
  | { kind: "deferred"; conversation: NonEmpty<string> }
  /**
   * More polls would do harm (a locked initiator): none is made for the kinds that use this call, and an operator is
   * alerted.
   */
  | { kind: "stop"; reason: string }
  | CallFailure;

/** What polling transactions of one kind needs: one of the sets of credentials, and one of the refs. */
export type PollNeeds = {
  credentials: Needs;
  refs: NonEmpty<string>;
  /** An experimental call: off unless this credential is `on`. */
  optIn?: string;
};

/** The provider's status call. */
export type StatusCall = {
  kinds: Partial<Record<Kind, PollNeeds>>;
  /** The kind that a question about a bare receipt is asked as; left out where no receipt can be asked about. */
  lookup?: Kind;
  /** Calls a minute that one connection may make where its settings name no rate. */
  ratePerMinute: Readonly<Record<Environment, number>>;
  /** Polls once; `canPoll` was true. Never rejects. */
  poll(request: PollRequest, send: Send): Promise<StatusAnswer>;
  /** Reads a callback that came under a conversation of a `deferred` answer; null where no answer is deferred. */
  readDeferredAnswer: null | ((received: Finding) => StatusAnswer);
};
