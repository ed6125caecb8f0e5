import type { Policy } from "../domain/decide.ts";
import type { Kind } from "../domain/kinds.ts";
import type { ConnectionSettings } from "./settings.ts";
import type { Verification } from "./verification.ts";

/** A merchant's account at a provider, with its secrets in plain text. */
export type Connection = {
  shard: number;
  id: string;
  merchantId: string;
  provider: string;
  environment: "sandbox" | "production";
  baseUrl: string | null;
  credentials: Record<string, string>;
  verification: Verification;
  settings: ConnectionSettings;
  forwardSecret: string;
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
