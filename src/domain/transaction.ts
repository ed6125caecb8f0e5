import type { Source } from "./evidence.ts";
import type { Environment, Kind, ProviderRefs, ReviewReason, Status } from "./kinds.ts";
import type { Money } from "./money.ts";

/** Money as the API shows it: `{"amount":"50.00","currency":"KES"}`. */
export type MoneyJson = { amount: string; currency: string };

/**
 * Why a person has to look at a transaction, as it is stored. `since`: RFC 3339, when a review of this reason began.
 * `expected` and `told`: the amounts that differ, where amounts do. `related`: ids of other transactions concerned.
 * Reviews from before version 2 have only the first three.
 */
export type Review = {
  reason: ReviewReason;
  since: string;
  detail: string;
  expected?: MoneyJson | null;
  told?: MoneyJson | null;
  related?: string[];
  duplicate_of?: string;
};

/** What became of a start: whether the provider took the order, never whether money moved. */
export const startStates = ["accepted", "refused", "unknown"] as const;
export type StartState = (typeof startStates)[number];

/** How Hakika started a transaction at the provider, as it is stored and as API and events show it. */
export type StartJson = {
  state: StartState;
  /** RFC 3339: since when it is in this state. */
  at: string;
  /** Calls that may have reached the provider. */
  attempts: number;
  /** The provider's own code and words, or why nothing is known. */
  provider_message: string | null;
  /** Where the payer goes on, at a hosted checkout. */
  redirect_url?: string;
};

/** What the merchant registered. */
export type Registration = {
  kind: Kind;
  refs: ProviderRefs;
  reference: string | null;
  amount: Money | null;
  phone: string | null;
  expiresAt: Date | null;
  /** Any JSON, kept and shown as it was registered. */
  metadata: Record<string, unknown>;
  /** How often it was amended; absent in registrations from before amendments. */
  revision?: number;
};

/** A payment, payout, airtime, bill or message. Ids are UUIDs here; the API and events show their public form. */
export type Transaction = {
  shard: number;
  id: string;
  merchantId: string;
  connectionId: string;
  provider: string;
  environment: Environment;
  kind: Kind;
  status: Status;
  statusSource: Source;
  registered: boolean;
  /** Counts the visible changes, from 1. */
  version: number;
  /** Number of its last event; 0 before the first. */
  sequence: number;
  reference: string | null;
  refs: ProviderRefs;
  amount: Money | null;
  /** What was given back, in minor units of the amount's currency. */
  refundedMinor: bigint;
  phone: string | null;
  /** A masked number as the provider showed it. */
  phoneMasked: string | null;
  /** Keyed hash of the number, in hex, where the provider sent its SHA-256 and the number itself is not known. */
  phoneKey: string | null;
  partyName: string | null;
  result: { code: string; description: string } | null;
  review: Review | null;
  details: Record<string, string>;
  metadata: Record<string, unknown>;
  registration: Registration | null;
  /** Null where Hakika did not start it. */
  start: StartJson | null;
  occurredAt: Date | null;
  expiresAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
  /** The transaction that it is part of; null unless it was merged. */
  mergedInto: string | null;
};
