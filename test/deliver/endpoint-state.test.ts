import { describe, expect, test } from "vitest";
import {
  beginAttempt,
  beginClaim,
  capacityInMs,
  type EndpointState,
  endAttempt,
  endClaim,
  endpointCapacity,
  isIdle,
  markClaimed,
  markDue,
  markRateLimited,
  newEndpointState,
} from "../../src/deliver/queue/endpoint-state.ts";
import { createEndpointStates } from "../../src/deliver/queue/endpoint-states.ts";

const inFlightMax = 64;
const shard = 3;

/** So many attempts in a row, of one delivery each. */
function attempts(state: EndpointState, count: number, isDelivered: boolean | null, nowMs = 0): void {
  for (let at = 0; at < count; at += 1) {
    beginAttempt(state);
    endAttempt(state, { deliveryId: `delivery-${at}`, isDelivered }, inFlightMax, nowMs);
  }
}

describe("a claim", () => {
  test("that took as much as it could leaves something due", () => {
    const state = newEndpointState(shard, "a");
    markDue(state, false);
    beginClaim(state);
    markClaimed(state, { taken: 4, capacity: 4, beganAtMs: 100 });
    endClaim(state);
    expect(state).toMatchObject({ hasDue: true, emptiedAtMs: null, isClaiming: false });
  });

  test("that took less has emptied the queue, until older deliveries may have become due", () => {
    const state = newEndpointState(shard, "a");
    markDue(state, false);
    beginClaim(state);
    markClaimed(state, { taken: 3, capacity: 4, beganAtMs: 100 });
    endClaim(state);
    expect(state).toMatchObject({ hasDue: false, emptiedAtMs: 100 });
    markDue(state, false);
    expect(state).toMatchObject({ hasDue: true, emptiedAtMs: 100 });
    markDue(state, true);
    expect(state).toMatchObject({ hasDue: true, emptiedAtMs: null });
  });

  test("during which deliveries become due leaves something due", () => {
    const state = newEndpointState(shard, "a");
    beginClaim(state);
    markDue(state, false);
    markClaimed(state, { taken: 0, capacity: 4, beganAtMs: 100 });
    endClaim(state);
    expect(state.hasDue).toBe(true);
  });
});

describe("capacity", () => {
  test("is nothing until the rate limit allows the next attempt", () => {
    const state = newEndpointState(shard, "a");
    markRateLimited(state, 500);
    expect(state.hasDue).toBe(true);
    expect(endpointCapacity(state, inFlightMax, 499)).toBe(0);
    expect(capacityInMs(state, 499)).toBe(1);
    expect(endpointCapacity(state, inFlightMax, 500)).toBe(4);
  });

  test("of an endpoint whose breaker is open comes with the next probe", () => {
    const state = newEndpointState(shard, "a");
    attempts(state, 10, false, 1000);
    expect(endpointCapacity(state, inFlightMax, 1000)).toBe(0);
    expect(capacityInMs(state, 1000)).toBe(100);
    expect(endpointCapacity(state, inFlightMax, 1100)).toBe(1);
  });

  test("of a full window comes with the end of an attempt", () => {
    const state = newEndpointState(shard, "a");
    for (let at = 0; at < 4; at += 1) beginAttempt(state);
    expect(endpointCapacity(state, inFlightMax, 0)).toBe(0);
    expect(capacityInMs(state, 0)).toBeNull();
  });
});

test("an endpoint is proven by a delivery, until an attempt fails; an attempt that was not sent changes nothing", () => {
  const state = newEndpointState(shard, "a");
  attempts(state, 1, true);
  expect(state).toMatchObject({ isProven: true, inFlight: 0, window: { size: 5 } });
  attempts(state, 1, null);
  expect(state).toMatchObject({ isProven: true, inFlight: 0, window: { size: 5, failures: 0 } });
  attempts(state, 1, false);
  expect(state).toMatchObject({ isProven: false, inFlight: 0, window: { size: 2, failures: 1 } });
});

describe("of more endpoints than the limit", () => {
  test("those with nothing to do are forgotten", () => {
    const states = createEndpointStates(3);
    const due = states.of(shard, "due");
    markDue(due, false);
    const running = states.of(shard, "running");
    beginAttempt(running);
    states.of(shard, "idle");
    states.of(shard, "new");
    expect([...states.all()].map(state => state.endpointId)).toEqual(["due", "running", "new"]);
    expect(states.of(shard, "due")).toBe(due);
  });

  test("regression: one whose claim is under way is not forgotten, so its attempts are counted in one place", () => {
    const states = createEndpointStates(1);
    const claiming = states.of(shard, "claiming");
    markDue(claiming, false);
    beginClaim(claiming);
    expect(isIdle(claiming)).toBe(false);
    states.of(shard, "new");
    expect(states.of(shard, "claiming")).toBe(claiming);
    endClaim(claiming);
    expect(isIdle(claiming)).toBe(true);
  });
});
