import type { Logger } from "pino";
import type { Connection } from "../connections/connection.ts";
import type { Sql } from "../database/connect.ts";
import type { SecretBox } from "../database/encryption.ts";
import type { Egress } from "../egress/client.ts";
import type { Provider } from "../providers/provider.ts";
import type { Settled, SettleItem } from "../settle/item.ts";
import type { ProviderAccount } from "./calls/provider-account.ts";
import type { PassCounts } from "./pass-counts.ts";
import type { ClaimedPoll } from "./poll/claimed-poll.ts";
import type { PollOutcome } from "./poll/poll-result.ts";

/** What reconciling needs of the world. */
export type ReconcileDeps = {
  sql: Sql;
  box: SecretBox;
  /** The one way out. */
  egress: Pick<Egress, "send">;
  providers: ReadonlyMap<string, Provider>;
  /** A connection, opened; a deleted one too. */
  connectionOf: (shard: number, id: string) => Promise<Connection | null>;
  /** Settles one thing and resolves after the commit (Settler.settle). */
  settle: (shard: number, item: SettleItem) => Promise<Settled>;
  /** Base of the callback URLs, without a slash at its end. */
  publicUrl: () => string;
  log: Logger;
  /** Told of every question: what it came to, and which transaction it was about. */
  onAsked?: (
    provider: string,
    word: PollOutcome,
    ms: number,
    asker: ProviderAccount,
    about: ClaimedPoll["transaction"],
  ) => void;
  /** Told of every pull of a connection's statements, and how many rows were new. */
  onPulled?: (asker: ProviderAccount, outcome: "done" | "trouble" | "throttled", rows: number, ms: number) => void;
  /** Told of every pass. */
  onPassed?: (tally: PassCounts, ms: number) => void;
  /** Told when a connection is paused, and why. */
  onPaused?: (provider: string, reason: string) => void;
};
