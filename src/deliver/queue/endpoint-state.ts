import { afterAttempt, capacityOf, isBreakerOpen, newSendWindow, type SendWindow } from "./send-window.ts";

/** What this process knows of one endpoint's deliveries. Only the transitions below change it. */
export type EndpointState = {
  readonly shard: number;
  readonly endpointId: string;
  /** Whether deliveries may be due that no claim has taken. */
  hasDue: boolean;
  /** Whether a claim is under way. */
  isClaiming: boolean;
  /** Attempts under way. */
  inFlight: number;
  window: SendWindow;
  /** Whether the last attempt delivered. An endpoint that hangs is unproven as soon as its first attempt times out. */
  isProven: boolean;
  /** When a claim last took all that was due, in ms of the monotonic clock; null: unknown. */
  emptiedAtMs: number | null;
  /** The rate limit allows no attempt before this time, in ms of the monotonic clock. */
  rateLimitedUntilMs: number;
  /** The timer that marks the endpoint as due, in ms of the monotonic clock. */
  timer: { atMs: number; timeout: NodeJS.Timeout } | null;
};

export function newEndpointState(shard: number, endpointId: string): EndpointState {
  return {
    shard,
    endpointId,
    hasDue: false,
    isClaiming: false,
    inFlight: 0,
    window: newSendWindow,
    isProven: false,
    emptiedAtMs: null,
    rateLimitedUntilMs: 0,
    timer: null,
  };
}

/** How many more attempts may start now, by the endpoint's own window and rate limit. */
export function endpointCapacity(state: EndpointState, inFlightMax: number, nowMs: number): number {
  if (state.rateLimitedUntilMs > nowMs) return 0;
  return capacityOf(state.window, state.inFlight, inFlightMax, nowMs);
}

/**
 * Whether one attempt more may start now without a claim. Where deliveries wait to be claimed, or a claim is under way
 * that counts on the whole window, new ones must not overtake them.
 */
export function hasRoomForOne(state: EndpointState, inFlightMax: number, nowMs: number): boolean {
  if (state.hasDue || state.isClaiming || state.rateLimitedUntilMs > nowMs || isBreakerOpen(state.window)) return false;
  return state.inFlight < Math.min(state.window.size, inFlightMax);
}

/**
 * How long an endpoint without capacity waits for it, in ms; null where it is the end of a running attempt that brings
 * it.
 */
export function capacityInMs(state: EndpointState, nowMs: number): number | null {
  if (state.rateLimitedUntilMs > nowMs) return state.rateLimitedUntilMs - nowMs;
  return state.inFlight === 0 ? Math.max(state.window.probeAtMs - nowMs, 1) : null;
}

/** Deliveries became due. `includeOld`: some of them may have been due for long. */
export function markDue(state: EndpointState, includeOld: boolean): void {
  state.hasDue = true;
  if (includeOld) state.emptiedAtMs = null;
}

/** A claim begins. Deliveries that become due from now on need another one. */
export function beginClaim(state: EndpointState): void {
  state.hasDue = false;
  state.isClaiming = true;
}

/** The claim that began has ended, and the attempts at its deliveries have begun. */
export function endClaim(state: EndpointState): void {
  state.isClaiming = false;
}

/** The claim took deliveries. Where it took fewer than it could, it took all that were due when it began. */
export function markClaimed(state: EndpointState, claim: { taken: number; capacity: number; beganAtMs: number }): void {
  if (claim.taken >= claim.capacity) state.hasDue = true;
  else state.emptiedAtMs = claim.beganAtMs;
}

/** The rate limit granted less than there was capacity for. */
export function markRateLimited(state: EndpointState, untilMs: number): void {
  state.rateLimitedUntilMs = untilMs;
  state.hasDue = true;
}

export function beginAttempt(state: EndpointState): void {
  state.inFlight += 1;
}

/** An attempt that was begun is not made. */
export function cancelAttempt(state: EndpointState): void {
  state.inFlight -= 1;
}

/** `isDelivered`: null where nothing was sent. */
export function endAttempt(
  state: EndpointState,
  attempt: { deliveryId: string; isDelivered: boolean | null },
  inFlightMax: number,
  nowMs: number,
): void {
  state.inFlight -= 1;
  const { deliveryId, isDelivered } = attempt;
  if (isDelivered === null) return;
  state.window = afterAttempt(state.window, { deliveryId, isDelivered }, inFlightMax, nowMs);
  state.isProven = isDelivered;
}

/** Whether the state says no more than that of an endpoint that is not known yet. */
export function isIdle(state: EndpointState): boolean {
  return (
    !state.hasDue && !state.isClaiming && state.inFlight === 0 && state.timer === null && state.window.failures === 0
  );
}
