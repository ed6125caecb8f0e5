import type { Source } from "./evidence.ts";
import type { Kind, ProviderRefs, ReviewReason, Status } from "./kinds.ts";
import type { Money } from "./money.ts";

/** Why a person has to look at a transaction. `since`: RFC 3339, when a review of this reason began. */
export type Review = { reason: ReviewReason; since: string; detail: string; duplicate_of?: string };

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
};

/** A payment, payout, airtime, bill or message. Ids are UUIDs here; the API and events show their public form. */
export type Transaction = {
  shard: number;
  id: string;
  merchantId: string;
  connectionId: string;
  provider: string;
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
  phone: string | null;
  partyName: string | null;
  result: { code: string; description: string } | null;
  review: Review | null;
  details: Record<string, string>;
  metadata: Record<string, unknown>;
  registration: Registration | null;
  occurredAt: Date | null;
  expiresAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
  /** The transaction that it is part of; null unless it was merged. */
  mergedInto: string | null;
};
