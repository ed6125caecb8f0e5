import type { Policy, SettleOn } from "../domain/decide.ts";
import type { Kind } from "../domain/kinds.ts";

/** How callbacks of a connection are verified; secrets in plain text: this is the cached, opened form. */
export type Verification = {
  address: { mode: "off" | "log" | "enforce"; ranges: string[] };
  signature?: {
    header: string;
    algorithm: "sha256" | "sha512";
    encoding: "hex" | "base64";
    prefix?: string;
    secret: string;
  };
  basic?: { username: string; password: string };
  header?: { name: string; value: string };
};

/** A merchant's account at a provider, opened for use. `settings` is as the API takes it. */
export type Connection = {
  shard: number;
  id: string;
  merchantId: string;
  provider: string;
  environment: "sandbox" | "production";
  baseUrl: string | null;
  credentials: Record<string, string>;
  verification: Verification;
  settings: Settings;
  forwardSecret: string;
};

export type Settings = {
  settle_on?: SettleOn;
  confirm_above?: string;
  reconcile?: { schedule_s?: number[]; give_up_after_s?: number; rate_per_minute?: number; pull?: boolean };
  c2b_validation?: AnswerSettings;
  airtime_validation?: AnswerSettings;
  ussd?: unknown;
};

export type AnswerSettings = {
  mode: "accept" | "match" | "forward";
  url?: string;
  timeout_ms?: number;
  fallback?: "accept" | "reject";
};

/** What deciding about a transaction of this connection goes by. */
export function policyOf(connection: Connection, kind: Kind, canPoll: CanPoll): Policy {
  return {
    settleOn: connection.settings.settle_on ?? null,
    confirmAbove: connection.settings.confirm_above ?? null,
    canPoll: canPoll(connection, kind),
  };
}

/** Whether the provider has a status call for the kind, and the connection what it needs for it. */
export type CanPoll = (connection: Connection, kind: Kind) => boolean;
