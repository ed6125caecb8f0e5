/** The delay after each failed attempt, in s, of an endpoint without a schedule: twelve attempts in three days. */
const defaultScheduleS = [5, 30, 120, 600, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 86_400] as const;

/**
 * A delay is longer by up to this part of it, and never shorter, so that deliveries that failed together are spread.
 */
const jitterMax = 0.1;
/** `Retry-After` is obeyed up to a day, jitter included. */
const retryAfterMaxS = 86_400;

/**
 * The delay after a failed attempt, in ms; null where the schedule is used up. `attempts`: made in this round of the
 * schedule, this one included. `Retry-After` lengthens a delay and never shortens it: the constant `1` of a load
 * balancer would use up twelve attempts in as many seconds.
 */
export function retryDelayMs(input: {
  attempts: number;
  scheduleS: readonly number[] | null;
  retryAfterS: number | null;
  random: () => number;
}): number | null {
  const delayS = (input.scheduleS ?? defaultScheduleS)[input.attempts - 1];
  if (delayS === undefined) return null;
  const factor = 1 + jitterMax * input.random();
  return Math.ceil(Math.max(delayS * factor, Math.min((input.retryAfterS ?? 0) * factor, retryAfterMaxS)) * 1000);
}
