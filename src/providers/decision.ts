import type { ProviderRefs } from "../domain/kinds.ts";
import type { Money } from "../domain/money.ts";
import type { ProviderConnection } from "./call.ts";
import type { FieldProblem, NonEmpty, Reply } from "./provider.ts";

/**
 * A payment or airtime that is about to move and waits for a decision. It never counts as money moved.
 */
export type Validation = {
  /** The provider's id of the decision; a repeat has the same. */
  id: string;
  /** The same id under its name among the provider's refs. */
  refs: ProviderRefs;
  /** What the payer typed. */
  reference: string | null;
  amount: Money;
  /** E.164; null where it is masked or hashed. */
  phone: string | null;
  partyName: string | null;
  occurredAt: Date | null;
  /** What else a merchant may want to decide by, as text. */
  details: Record<string, string>;
};

/** Why a validation is rejected. `other` where no reason fits, and for merchants that give none. */
export type RejectionReason =
  | "invalid_phone"
  | "unknown_account"
  | "invalid_amount"
  | "customer_not_verified"
  | "wrong_receiver"
  | "other";

export type ValidationVerdict = { accept: true } | { accept: false; reason: RejectionReason };

/**
 * What a subscriber typed, without the gateway's additions: `text` is everything typed so far, joined by `*`, empty at
 * first.
 */
export type UssdInput = {
  sessionId: string;
  phone: string | null;
  serviceCode: string | null;
  networkCode: string | null;
  text: string;
};

/** What the provider wants decided, or what is wrong with the body. */
export type DecisionReading<Q> =
  | { kind: "question"; question: Q }
  | { kind: "unreadable"; problems: NonEmpty<FieldProblem> };

/** How a synchronous channel reads what is to be decided, and replies with the decision. Pure; never throws. */
export type DecisionChannel =
  | {
      type: "c2b.validation" | "airtime.validation";
      read(body: Record<string, unknown>, connection: ProviderConnection): DecisionReading<Validation>;
      reply(verdict: ValidationVerdict): Reply;
      /** The provider's own codes for a rejection, which a merchant's answer may name. */
      codes?: Readonly<Record<string, RejectionReason>>;
    }
  | {
      type: "ussd.input";
      read(body: Record<string, unknown>, connection: ProviderConnection): DecisionReading<UssdInput>;
      /** `text` begins with `CON ` or `END `. */
      reply(text: string): Reply;
    };
