import type { Logger } from "pino";

/** Interval between two lines with the same message, in ms. A failing database is noticed many times a second. */
const everyMs = 10_000;

export type ThrottledLog = (error: unknown, fields?: Record<string, unknown>) => void;

/**
 * A function that logs `message` as a warning at most once in 10 s; calls in between are dropped. `nowMs` is monotonic.
 */
export function throttledLog(log: Logger, message: string, nowMs = () => performance.now()): ThrottledLog {
  let quietUntilMs = Number.NEGATIVE_INFINITY;
  return (error, fields = {}) => {
    if (nowMs() < quietUntilMs) return;
    quietUntilMs = nowMs() + everyMs;
    log.warn({ err: error, ...fields }, message);
  };
}
