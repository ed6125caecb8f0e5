/** What a question came to, for metrics: one of few words. */
export type PollOutcome =
  | "settled"
  | "pending"
  | "throttled"
  | "unavailable"
  | "credentials-refused"
  | "stopped"
  | "lost";

/** What asking one question came to. `detail` says more where nothing was learnt. */
export type PollResult = { outcome: PollOutcome; detail: string; retryAfterS: number | null };
