import pRetry from "p-retry";

export type Retry<Outcome> = {
  /** Whether another attempt may end differently. */
  isTransient(outcome: Outcome): boolean;
  /** Asked before each retry; false ends with the present outcome. */
  mayRetry(): boolean | Promise<boolean>;
  /** Retries after the first attempt; `Infinity` for no limit. */
  retriesMax: number;
  /** Wait before the first retry, in ms. Each further wait is `factor` times as long, at most `waitMaxMs`. */
  waitMs: number;
  factor: number;
  waitMaxMs: number;
  /** Multiplies each wait by a random number between 1 and 2; `waitMaxMs` still holds. */
  jitter: boolean;
  /** No retry starts later than this after the first attempt, in ms; `Infinity` for no limit. */
  retryMaxMs: number;
  /** Ends the wait between two attempts. */
  signal: AbortSignal;
};

/**
 * Repeats `attempt` while its outcome is transient, and returns the last outcome; `aborted` where the signal came
 * first. For retries within seconds: retries over minutes and hours are a column of a queue. Rejects only where
 * `attempt` or `mayRetry` does, without a retry.
 */
export async function retry<Outcome>(
  attempt: () => Promise<Outcome>,
  options: Retry<Outcome>,
): Promise<Outcome | "aborted"> {
  // p-retry repeats an attempt that throws.
  const transient = new Error("transient outcome");
  let last: Outcome | "aborted" = "aborted";
  try {
    return await pRetry(
      async () => {
        last = await attempt();
        if (options.isTransient(last)) throw transient;
        return last;
      },
      {
        retries: options.retriesMax,
        minTimeout: options.waitMs,
        factor: options.factor,
        maxTimeout: options.waitMaxMs,
        randomize: options.jitter,
        maxRetryTime: options.retryMaxMs,
        unref: false,
        signal: options.signal,
        onFailedAttempt: () => {},
        shouldConsumeRetry: () => true,
        shouldRetry: ({ error }) => error === transient && options.mayRetry(),
      },
    );
  } catch (error) {
    if (error === transient) return last;
    if (options.signal.aborted) return "aborted";
    throw error;
  }
}
