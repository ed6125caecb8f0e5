import type { Logger } from "pino";

/** Between two lines about the same trouble, in ms: a database that is away is noticed many times a second. */
const everyMs = 10_000;

/** Warns of a trouble that comes again and again, once in a while. */
export function seldom(log: Logger, message: string): (error: unknown, fields?: Record<string, unknown>) => void {
  let quietUntilMs = 0;
  return (error, fields = {}) => {
    if (performance.now() < quietUntilMs) return;
    quietUntilMs = performance.now() + everyMs;
    log.warn({ err: error, ...fields }, message);
  };
}
