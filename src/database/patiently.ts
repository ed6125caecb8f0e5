import pRetry from "p-retry";
import type { Logger } from "pino";
import { isConnectionLost } from "./unavailable.ts";

const waitMs = { first: 100, max: 2_000 } as const;

/**
 * Does `work` of a start, again where its connection was lost: a start waits for its database, and outlives the
 * database's restarts. `work` may be done twice. Rejects with any other error, and once `signal` is aborted.
 */
export function patiently<T>(
  work: () => Promise<T>,
  { log, signal }: { log: Logger; signal: AbortSignal },
): Promise<T> {
  return pRetry(work, {
    retries: Number.POSITIVE_INFINITY,
    signal,
    minTimeout: waitMs.first,
    maxTimeout: waitMs.max,
    shouldRetry: ({ error }) => isConnectionLost(error),
    onFailedAttempt: ({ error }) => log.warn({ err: error }, "the database was lost during the start: trying again"),
  });
}
