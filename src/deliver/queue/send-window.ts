/**
 * How many attempts an endpoint gets at once, by how it does (additive increase, multiplicative decrease): each
 * delivery adds one, a failure halves the window. Many failures in a row, of several deliveries, open the circuit
 * breaker: then one probe at a time is sent, with growing pauses, until one delivers.
 *
 * The breaker delays due attempts by at most 10 s, and by less while failures are few. A single delivery that fails
 * never opens it, so its retry schedule is kept exactly.
 */
export type SendWindow = {
  /** Attempts under way at most. */
  size: number;
  /** Failures since the last success. */
  failures: number;
  /** How often a failure was of another delivery than the failure before: 1 where a single delivery fails. */
  failedDeliveries: number;
  lastFailedId: string | null;
  /** Time of the next probe, in ms of the clock that `afterAttempt` gets. */
  probeAtMs: number;
};

export const windowSizes = { initial: 4, afterFailures: 2 } as const;
/** The longest pause between two probes, in ms. */
export const probePauseMaxMs = 10_000;
const probePausePerFailureMs = 10;
const breakerOpensAfter = { failures: 10, deliveries: 5 } as const;

export const newSendWindow: SendWindow = {
  size: windowSizes.initial,
  failures: 0,
  failedDeliveries: 0,
  lastFailedId: null,
  probeAtMs: 0,
};

export function isBreakerOpen(window: SendWindow): boolean {
  return window.failures >= breakerOpensAfter.failures && window.failedDeliveries >= breakerOpensAfter.deliveries;
}

/** The window after one more attempt. */
export function afterAttempt(
  window: SendWindow,
  attempt: { deliveryId: string; isDelivered: boolean },
  sizeMax: number,
  nowMs: number,
): SendWindow {
  if (attempt.isDelivered) {
    const size = isBreakerOpen(window) ? windowSizes.afterFailures : Math.min(window.size + 1, sizeMax);
    return { ...newSendWindow, size };
  }
  const failures = window.failures + 1;
  return {
    size: Math.max(Math.floor(window.size / 2), windowSizes.afterFailures),
    failures,
    failedDeliveries: window.failedDeliveries + (attempt.deliveryId === window.lastFailedId ? 0 : 1),
    lastFailedId: attempt.deliveryId,
    probeAtMs: nowMs + Math.min(failures * probePausePerFailureMs, probePauseMaxMs),
  };
}

/**
 * How many more attempts may start now. Less than a quarter of the window counts as none: a claim for each single
 * attempt that ends would cost more than it brings.
 */
export function capacityOf(window: SendWindow, inFlight: number, sizeMax: number, nowMs: number): number {
  if (isBreakerOpen(window)) return inFlight === 0 && nowMs >= window.probeAtMs ? 1 : 0;
  const size = Math.min(window.size, sizeMax);
  const free = size - inFlight;
  return free >= Math.ceil(size / 4) ? free : 0;
}
