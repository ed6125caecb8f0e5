import type { Directory } from "../connections/directory.ts";
import type { Settler } from "../settle/settler.ts";
import type { CallDeps } from "./calls/call-deps.ts";
import type { ProviderAccount } from "./calls/provider-account.ts";
import type { PassCounts } from "./pass-counts.ts";
import type { ClaimedPoll } from "./poll/claimed-poll.ts";
import type { PollOutcome } from "./poll/poll-result.ts";

/** What reconciling needs. */
export type ReconcileDeps = CallDeps & {
  directory: Pick<Directory, "byId">;
  settler: Settler;
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
};
