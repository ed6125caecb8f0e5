import type { IdKind } from "../../domain/ids.ts";
import type { DrizzleQueryable } from "../deps.ts";

/** What a hit is, for people and programs. */
export const hitTypes = [
  "merchant",
  "api_key",
  "connection",
  "endpoint",
  "transaction",
  "callback",
  "event",
  "delivery",
  "ussd_session",
  "operator",
  "approval",
  "alert",
  "alert_channel",
  "audit",
] as const;
export type HitType = (typeof hitTypes)[number];

export type Hit = {
  kind: IdKind;
  type: HitType;
  uuid: string;
  merchantId: string | null;
  title: string;
  matched: "id" | "reference" | "provider_ref" | "phone" | "quarantined_body";
  isExact: boolean;
};

/** Where a search looks: one shard, and of a merchant's key that merchant's rows alone (null: every merchant's). */
export type SearchScope = { db: DrizzleQueryable; shard: number; merchantId: string | null; count: number };
