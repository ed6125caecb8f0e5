import type { Source } from "./evidence.ts";
import type { Kind, ProviderRefs, ReviewReason, Status } from "./kinds.ts";
import type { Money } from "./money.ts";

/** `since` is when it was first asked for. */
export type Review = { reason: ReviewReason; since: string; detail: string; duplicate_of?: string };

/** What the merchant registered, as given. */
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

/** The money thing. Ids are UUIDs here; the public form is made at the edge. */
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
  /** Counts the changes of what the outside can see, from 1. */
  version: number;
  /** Events numbered so far. */
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
  mergedInto: string | null;
};
