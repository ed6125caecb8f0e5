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

/** `detail` says why where nothing was learnt. */
export type PollResult = { outcome: PollOutcome; detail: string; retryAfterS: number | null };
