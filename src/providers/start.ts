import type { Kind, ProviderRefs } from "../domain/kinds.ts";
import type { Money } from "../domain/money.ts";
import type { CallContext, CallFailure, ProviderCall, ProviderResponse } from "./call.ts";
import type { FieldProblem, Needs, NonEmpty } from "./provider.ts";

/** A transaction to be started at the provider, registered before the call is made. */
export type StartOrder = CallContext & {
  kind: Kind;
  /** A UUIDv4 made for this order: where the provider lets the caller choose the transaction's id, it is this one. */
  id: string;
  /** The merchant's own. */
  reference: string;
  /** Null for messages. */
  amount: Money | null;
  /** E.164: the wallet that pays or is paid. */
  phone: string | null;
  /** The other side's account where that is no phone: bank, bill or paybill account, UPI recipient, e-mail address. */
  account: string | null;
  description: string | null;
  /** Of a reversal: the ids of the transaction to give back. */
  reverses: ProviderRefs | null;
  /** The provider's own fields, checked against `StartNeeds.options`. */
  options: Readonly<Record<string, unknown>>;
};

/**
 * The call to make, with the ids that are known before it and kept with the registration; or what the provider does not
 * accept, found before anything is sent.
 */
export type StartRequest =
  | { kind: "call"; call: ProviderCall; refs: ProviderRefs }
  | { kind: "problems"; problems: NonEmpty<FieldProblem> };

/** What the answer to a start call says. It says that the provider took the order, never that money moved. */
export type StartAnswer =
  | { kind: "accepted"; refs: ProviderRefs; message: string | null; redirectUrl?: string }
  /**
   * Whether the order was accepted is not known (a duplicate id, an unknown code): it is polled, and never sent again.
   */
  | { kind: "unknown"; reason: string }
  /** `refused` (CallFailure) is final: a code of a closed list, or a definite 4xx. */
  | CallFailure;

/** What starting transactions of one kind needs. */
export type StartNeeds = {
  credentials: Needs;
  /** The options the kind takes, by name. */
  options: Readonly<Record<string, { required: boolean; means: string }>>;
  /** The provider promises that one id is one transaction, however often the call is made. */
  idempotent: boolean;
  /**
   * An answer may leave no id, because it was lost or has none: a callback whose id is unknown is then about the
   * oldest unfinished start with its recipient and amount.
   */
  byRecipient?: true;
};

/** The provider's calls that start transactions. */
export type StartCall = {
  kinds: Partial<Record<Kind, StartNeeds>>;
  /** Pure; never throws. */
  request(order: StartOrder): StartRequest;
  /** Pure; never throws. */
  read(answer: ProviderResponse, order: StartOrder): StartAnswer;
};
