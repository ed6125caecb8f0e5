/** The outcome of a poll, a label in metrics. */
export type PollOutcome =
  | "settled"
  | "pending"
  | "throttled"
  | "unavailable"
  | "refused"
  | "credentials-refused"
  | "stopped"
  /** Another holder has the lease: nothing was settled. */
  | "lost";

/**
 * `detail` says why where nothing was learnt. `audit`: what the answer came to, where it was asked for by an audit and
 * is an answer.
 */
export type PollResult = {
  outcome: PollOutcome;
  detail: string;
  retryAfterS: number | null;
  audit?: "same" | "drifted" | "deferred" | "provisional";
};
