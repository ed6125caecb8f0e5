import type { Policy } from "../domain/decide/policy.ts";
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

/** The policy that decides transactions of this connection. `canPoll`: whether the transaction's kind can be polled. */
export function policyOf(connection: Connection, canPoll: boolean): Policy {
  return {
    settleOn: connection.settings.settle_on ?? null,
    confirmAbove: connection.settings.confirm_above ?? null,
    canPoll,
  };
}
