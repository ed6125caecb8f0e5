import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  beginAttempt,
  beginClaim,
  capacityInMs,
  type EndpointState,
  endAttempt,
  endpointCapacity,
  markDue,
  newEndpointState,
} from "../../src/deliver/queue/endpoint-state.ts";
import { type FreeAttempts, type PickLimits, pick } from "../../src/deliver/queue/pick.ts";

const limits: PickLimits = { claimBatchMax: 200, endpointInFlightMax: 64, endpointShareOfFree: 0.125 };
const plenty: FreeAttempts = { total: 1024, unproven: 512 };
const nowMs = 1000;

let made = 0;
function endpoint(more: Partial<EndpointState> = {}): EndpointState {
  return { ...newEndpointState(3, `endpoint-${made++}`), hasDue: true, ...more };
}
const provenWith = (size: number, more: Partial<EndpointState> = {}) => {
  const state = endpoint({ isProven: true, ...more });
  return { ...state, window: { ...state.window, size } };
};
const capacities = (line: EndpointState[], free: FreeAttempts = plenty, more: Partial<PickLimits> = {}) =>
  pick(new Set(line), free, { ...limits, ...more }, nowMs).shares.map(share => share.capacity);

describe("one endpoint", () => {
  test("that is new gets its first four deliveries", () => {
    expect(capacities([endpoint()])).toEqual([4]);
  });

  test("that delivers well gets its window, less the attempts under way", () => {
    expect(capacities([provenWith(40, { inFlight: 10 })])).toEqual([30]);
  });

  test("gets no more than its share of the free attempts, those under way included", () => {
    expect(capacities([provenWith(64)], { total: 80, unproven: 80 })).toEqual([10]);
    expect(capacities([provenWith(64, { inFlight: 7 })], { total: 80, unproven: 80 })).toEqual([3]);
  });

  test("gets one delivery where its share would be less than one", () => {
    expect(capacities([provenWith(64)], { total: 3, unproven: 3 })).toEqual([1]);
  });

  test("leaves the line without a share where its window is full, its breaker is open or its rate limit is spent", () => {
    const full = endpoint({ inFlight: 4 });
    const open = endpoint();
    open.window = { ...open.window, failures: 10, failedDeliveries: 5, probeAtMs: nowMs + 1 };
    const limited = endpoint({ rateLimitedUntilMs: nowMs + 1 });
    const result = pick(new Set([full, open, limited]), plenty, limits, nowMs);
    expect(result).toEqual({ shares: [], withoutCapacity: [full, open, limited], isStarved: false, isMore: false });
  });
});

describe("several endpoints", () => {
  test("are picked in the order in which they asked", () => {
    const line = [endpoint(), endpoint(), endpoint()];
    const { shares } = pick(new Set(line), plenty, limits, nowMs);
    expect(shares.map(share => share.state)).toEqual(line);
  });

  test("that are not proven share the attempts for unproven endpoints; proven ones are not affected", () => {
    const line = [endpoint(), endpoint(), provenWith(4)];
    expect(capacities(line, { total: 1024, unproven: 6 })).toEqual([4, 2, 4]);
    const result = pick(new Set(line), { total: 1024, unproven: 0 }, limits, nowMs);
    expect(result.shares).toEqual([{ state: line[2], capacity: 4 }]);
    expect(result).toMatchObject({ isStarved: true, isMore: false, withoutCapacity: [] });
  });

  test("that do not fit into one claim are picked at once by the next", () => {
    const line = [provenWith(8), provenWith(8), provenWith(8)];
    const result = pick(new Set(line), plenty, { ...limits, claimBatchMax: 10 }, nowMs);
    expect(result.shares.map(share => share.capacity)).toEqual([8, 2]);
    expect(result).toMatchObject({ isMore: true, isStarved: false });
  });

  test("that find no free attempt are starved: they are picked when an attempt ends", () => {
    const line = [provenWith(8), provenWith(8)];
    const result = pick(new Set(line), { total: 1, unproven: 1 }, limits, nowMs);
    expect(result.shares).toEqual([{ state: line[0], capacity: 1 }]);
    expect(result).toMatchObject({ isMore: false, isStarved: true });
    expect(pick(new Set(line), { total: 0, unproven: 0 }, limits, nowMs)).toMatchObject({
      shares: [],
      isStarved: true,
    });
    expect(pick(new Set(line), { total: -5, unproven: 0 }, limits, nowMs)).toMatchObject({
      shares: [],
      isStarved: true,
    });
  });

  test("none in the line: nothing is picked, and nothing is starved", () => {
    const nothing = { shares: [], withoutCapacity: [], isStarved: false, isMore: false };
    expect(pick(new Set(), { total: 0, unproven: 0 }, limits, nowMs)).toEqual(nothing);
  });
});

const windows = fc.record({
  size: fc.integer({ min: 1, max: 100 }),
  failures: fc.nat(20),
  failedDeliveries: fc.nat(10),
  lastFailedId: fc.constant(null),
  probeAtMs: fc.nat(2000),
});
const states = fc.array(
  fc
    .record({ window: windows, inFlight: fc.nat(80), isProven: fc.boolean(), rateLimitedUntilMs: fc.nat(2000) })
    .map(endpoint),
  { maxLength: 60 },
);
const frees = fc.record({ total: fc.integer({ min: -50, max: 1200 }), unproven: fc.integer({ min: -50, max: 600 }) });
const someLimits = fc.record({
  claimBatchMax: fc.integer({ min: 1, max: 300 }),
  endpointInFlightMax: fc.integer({ min: 1, max: 100 }),
  endpointShareOfFree: fc.double({ min: 0.01, max: 1, noNaN: true }),
});

test("whatever the states: no bound is exceeded, no state is changed, and each endpoint left over is asked again", () => {
  fc.assert(
    fc.property(states, frees, someLimits, (line, free, bounds) => {
      const before = structuredClone(line);
      const { shares, withoutCapacity, isStarved, isMore } = pick(new Set(line), free, bounds, nowMs);
      expect(line).toEqual(before);

      const sum = (some: typeof shares) => some.reduce((total, { capacity }) => total + capacity, 0);
      expect(sum(shares)).toBeLessThanOrEqual(Math.max(Math.min(free.total, bounds.claimBatchMax), 0));
      expect(sum(shares.filter(({ state }) => !state.isProven))).toBeLessThanOrEqual(Math.max(free.unproven, 0));
      const shareOfFree = Math.max(Math.floor(free.total * bounds.endpointShareOfFree), 1);
      for (const { state, capacity } of shares) {
        expect(capacity).toBeGreaterThan(0);
        expect(capacity).toBeLessThanOrEqual(endpointCapacity(state, bounds.endpointInFlightMax, nowMs));
        expect(capacity + state.inFlight).toBeLessThanOrEqual(shareOfFree);
      }
      for (const state of withoutCapacity) {
        expect(endpointCapacity(state, bounds.endpointInFlightMax, nowMs)).toBe(0);
      }
      const leftOver = line.length - shares.length - withoutCapacity.length;
      if (leftOver > 0) expect(isStarved || isMore).toBe(true);
      if (isMore) expect(sum(shares)).toBe(bounds.claimBatchMax);
    }),
  );
});

test("whatever delivers or fails: each endpoint with something due is picked in the end", () => {
  const inFlightMax = 40;
  const unprovenInFlightMax = 20;
  fc.assert(
    fc.property(
      fc.array(fc.record({ due: fc.integer({ min: 1, max: 60 }), delivers: fc.boolean() }), {
        minLength: 1,
        maxLength: 30,
      }),
      fc.array(fc.nat(), { minLength: 1, maxLength: 20 }),
      (endpoints, order) => {
        const due = new Map(endpoints.map(({ due, delivers }) => [endpoint(), { due, delivers }]));
        const line = new Set(due.keys());
        const running: { state: EndpointState; wasProven: boolean }[] = [];
        let clockMs = 0;
        const offer = (state: EndpointState) => {
          if (!state.hasDue) return;
          if (endpointCapacity(state, limits.endpointInFlightMax, clockMs) > 0) return void line.add(state);
          clockMs += capacityInMs(state, clockMs) ?? 0;
          if (endpointCapacity(state, limits.endpointInFlightMax, clockMs) > 0) line.add(state);
        };
        for (let round = 0; [...due.values()].some(left => left.due > 0); round += 1) {
          expect(round).toBeLessThan(10_000);
          const free = {
            total: inFlightMax - running.length,
            unproven: unprovenInFlightMax - running.filter(attempt => !attempt.wasProven).length,
          };
          const { shares, withoutCapacity } = pick(line, free, limits, clockMs);
          for (const state of withoutCapacity) line.delete(state);
          for (const { state, capacity } of shares) {
            line.delete(state);
            beginClaim(state);
            const left = due.get(state)!;
            const taken = Math.min(capacity, left.due);
            left.due -= taken;
            for (let n = 0; n < taken; n += 1) {
              running.push({ state, wasProven: state.isProven });
              beginAttempt(state);
            }
            if (left.due > 0) markDue(state, false);
            offer(state);
          }
          // One attempt ends, whichever: an endpoint that fails needs all its time, and the others go on.
          const [ended] = running.splice(order[round % order.length]! % Math.max(running.length, 1), 1);
          if (!ended) continue;
          const { delivers } = due.get(ended.state)!;
          endAttempt(
            ended.state,
            { deliveryId: `d${round}`, isDelivered: delivers },
            limits.endpointInFlightMax,
            clockMs,
          );
          offer(ended.state);
        }
      },
    ),
    { numRuns: 50 },
  );
});
