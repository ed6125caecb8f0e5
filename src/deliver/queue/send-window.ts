/**
 * How much one endpoint is sent at once, by how it does. While it delivers, the window opens by one for each delivery; a failure
 * halves it. Many failures in a row, of several deliveries, open the breaker: then one probe at a time goes out, with pauses that
 * grow, until one delivers.
 *
 * The breaker puts off attempts that are due, by ten seconds at most and by little while failures are few. A single delivery that
 * fails never opens it: its schedule is kept to the letter.
 */
export type SendWindow = {
  window: number;
  /** Failures since the last delivery. */
  failures: number;
  /** How often another delivery failed than the one before: 1 for a delivery that fails alone. */
  failedDeliveries: number;
  lastFailed: string | null;
  /** The next probe, in ms of the clock that `afterAttempt` is told. */
  probeAtMs: number;
};

export const sendWindowMax = { first: 4, failing: 2, pauseMs: 10_000 } as const;
const opensAfter = { failures: 10, deliveries: 5 } as const;
const pausePerFailureMs = 10;

export const freshSendWindow: SendWindow = {
  window: sendWindowMax.first,
  failures: 0,
  failedDeliveries: 0,
  lastFailed: null,
  probeAtMs: 0,
};

export function isOpen(pace: SendWindow): boolean {
  return pace.failures >= opensAfter.failures && pace.failedDeliveries >= opensAfter.deliveries;
}

/** The pace after one more attempt. */
export function afterAttempt(
  pace: SendWindow,
  attempt: { deliveryId: string; isDelivered: boolean },
  windowMax: number,
  nowMs: number,
): SendWindow {
  if (attempt.isDelivered) {
    const window = isOpen(pace) ? sendWindowMax.failing : Math.min(pace.window + 1, windowMax);
    return { ...freshSendWindow, window };
  }
  const failures = pace.failures + 1;
  return {
    window: Math.max(Math.floor(pace.window / 2), sendWindowMax.failing),
    failures,
    failedDeliveries: pace.failedDeliveries + (attempt.deliveryId === pace.lastFailed ? 0 : 1),
    lastFailed: attempt.deliveryId,
    probeAtMs: nowMs + Math.min(failures * pausePerFailureMs, sendWindowMax.pauseMs),
  };
}

/**
 * How many more may be sent now. Few free places of many are none: a claim for each single place that falls free would cost more
 * than it brings.
 */
export function roomOf(pace: SendWindow, inFlight: number, windowMax: number, nowMs: number): number {
  if (isOpen(pace)) return inFlight === 0 && nowMs >= pace.probeAtMs ? 1 : 0;
  const window = Math.min(pace.window, windowMax);
  const free = window - inFlight;
  return free >= Math.ceil(window / 4) ? free : 0;
}
