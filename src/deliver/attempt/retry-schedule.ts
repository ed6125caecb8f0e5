/** The waits after each failed attempt, in seconds, where an endpoint names none: twelve attempts in three days. */
const defaultScheduleS = [5, 30, 120, 600, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 86_400] as const;

/** A wait is longer by up to this part of it, never shorter: what failed together is not retried together. */
const jitterMax = 0.1;
/** `Retry-After` is obeyed up to a day, jitter included. */
const retryAfterMaxS = 86_400;

/**
 * How long to wait after a failed attempt, in ms; null where the schedule has no more. `attempts` were made in this round, this one
 * included. `Retry-After` is obeyed by never coming earlier; it does not shorten a wait, or a load balancer's constant `1` would
 * use up twelve attempts in as many seconds.
 */
export function retryDelayMs(input: {
  attempts: number;
  scheduleS: readonly number[] | null;
  retryAfterS: number | null;
  random: () => number;
}): number | null {
  const waitS = (input.scheduleS ?? defaultScheduleS)[input.attempts - 1];
  if (waitS === undefined) return null;
  const longer = 1 + jitterMax * input.random();
  return Math.ceil(Math.max(waitS * longer, Math.min((input.retryAfterS ?? 0) * longer, retryAfterMaxS)) * 1000);
}
