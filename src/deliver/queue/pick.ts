import type { DeliverLimits } from "../limits.ts";
import { type EndpointState, endpointCapacity } from "./endpoint-state.ts";

/** Attempts that may start now, of all endpoints, and at endpoints that are not proven. */
export type FreeAttempts = { total: number; unproven: number };

export type PickLimits = Pick<DeliverLimits, "claimBatchMax" | "endpointInFlightMax" | "endpointShareOfFree">;

/** How many deliveries a claim may take of one endpoint. */
export type EndpointShare = { state: EndpointState; capacity: number };

export type PickResult = {
  shares: EndpointShare[];
  /** Endpoints whose own window or rate limit has no capacity any more. They leave the line. */
  withoutCapacity: EndpointState[];
  /** Endpoints stay in the line for lack of free attempts: pick again when an attempt ends or is recorded. */
  isStarved: boolean;
  /** Endpoints stay in the line because the batch is full: pick again at once. */
  isMore: boolean;
};

/**
 * Chooses what the next claim takes: the endpoints of one shard that have something due, in the order in which they
 * asked, each with as many deliveries as these bounds allow:
 *
 * 1. its own window and rate limit;
 * 2. the deliveries of one claim, and the attempts that are free;
 * 3. its share of the free attempts, its running attempts included. Endpoints that hang together, however many, thus
 *    leave some: the more they have, the fewer are free, and the smaller the share;
 * 4. where it is not proven, the free attempts of all endpoints that are not.
 *
 * Changes nothing.
 */
export function pick(
  line: ReadonlySet<EndpointState>,
  free: FreeAttempts,
  limits: PickLimits,
  nowMs: number,
): PickResult {
  const share = Math.max(Math.floor(free.total * limits.endpointShareOfFree), 1);
  let left = Math.min(limits.claimBatchMax, free.total);
  let unprovenLeft = free.unproven;
  let taken = 0;
  let isStarved = false;
  const shares: EndpointShare[] = [];
  const withoutCapacity: EndpointState[] = [];
  for (const state of line) {
    if (left <= 0) break;
    const own = endpointCapacity(state, limits.endpointInFlightMax, nowMs);
    if (own <= 0) {
      withoutCapacity.push(state);
      continue;
    }
    const capacity = Math.min(own, left, share - state.inFlight, state.isProven ? own : unprovenLeft);
    if (capacity <= 0) {
      isStarved = true;
      continue;
    }
    shares.push({ state, capacity });
    taken += capacity;
    left -= capacity;
    if (!state.isProven) unprovenLeft -= capacity;
  }
  const staying = line.size - shares.length - withoutCapacity.length;
  const isFull = taken >= free.total;
  return {
    shares,
    withoutCapacity,
    isStarved: isStarved || (isFull && staying > 0),
    isMore: left <= 0 && !isFull && staying > 0,
  };
}
