import fc from "fast-check";
import { expect, test } from "vitest";
import {
  afterOutcome,
  type CallLimits,
  type CallOutcome,
  callsAllowed,
  initialCallLimits,
  withoutOutdatedPauses,
  withReservedCalls,
} from "../../src/reconcile/calls/call-limits.ts";

const start = Date.UTC(2026, 2, 1);
const at = (seconds: number) => new Date(start + seconds * 1000);

function reserve(limits: CallLimits, rate: number, wanted: number, now: Date): { limits: CallLimits; calls: number } {
  const allowed = callsAllowed(limits, rate, wanted, now);
  if (allowed.kind === "refused") return { limits, calls: 0 };
  return { limits: withReservedCalls(limits, allowed.calls, allowed.probe, now), calls: allowed.calls };
}

test("no minute has more calls than allowed, in whatever steps they are reserved, even a second late", () => {
  const demands = fc.array(fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 1, max: 30 })), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), demands, fc.nat(999), (rate, steps, lateMs) => {
      let limits = initialCallLimits;
      let nowMs = start;
      const calls: number[] = [];
      for (const [waitMs, wanted] of steps) {
        nowMs += waitMs;
        const reserved = reserve(limits, rate, wanted, new Date(nowMs));
        limits = reserved.limits;
        // Every other call reaches the provider late.
        for (let n = 0; n < reserved.calls; n += 1) calls.push(nowMs + (n % 2 ? lateMs : 0));
      }
      calls.sort((a, b) => a - b);
      for (const [n, call] of calls.entries()) {
        expect(calls.filter((other, m) => m >= n && other < call + 60_000).length).toBeLessThanOrEqual(rate);
      }
    }),
  );
});

test("a steady demand uses the whole allowance, but for a second of each minute", () => {
  let limits = initialCallLimits;
  let calls = 0;
  for (let second = 0; second < 620; second += 1) {
    const reserved = reserve(limits, 60, 60, at(second));
    limits = reserved.limits;
    calls += reserved.calls;
  }
  expect(calls).toBe(600);
});

test("a refusal for the rate names the time when the first call no longer counts", () => {
  const { limits } = reserve(initialCallLimits, 5, 9, at(10));
  expect(callsAllowed(limits, 5, 1, at(20))).toEqual({ kind: "refused", why: "rate", until: at(72) });
  expect(callsAllowed(limits, 5, 1, at(72))).toMatchObject({ kind: "allowed", calls: 1 });
});

const error: CallOutcome = { kind: "error" };
const answered: CallOutcome = { kind: "answered" };
const after = (outcomes: CallOutcome[], now: Date, limits = initialCallLimits) =>
  outcomes.reduce((before, outcome) => afterOutcome(before, outcome, now), limits);

test("the fifth error in a row opens the breaker, and an answer in between resets the count", () => {
  const four = after([error, error, error, error], at(0));
  expect(callsAllowed(four, 60, 1, at(0))).toMatchObject({ kind: "allowed" });
  expect(callsAllowed(after([answered, error], at(0), four), 60, 1, at(0))).toMatchObject({ kind: "allowed" });
  expect(callsAllowed(after([error], at(0), four), 60, 1, at(0))).toEqual({
    kind: "refused",
    why: "errors",
    until: at(30),
  });
});

test("an open breaker allows one probe at a time, and waits longer after each that fails", () => {
  let limits = after(Array(5).fill(error), at(0));
  const probe = callsAllowed(limits, 60, 10, at(30));
  expect(probe).toEqual({ kind: "allowed", calls: 1, probe: true });
  limits = withReservedCalls(limits, 1, true, at(30));
  expect(callsAllowed(limits, 60, 10, at(31))).toMatchObject({ kind: "refused", why: "errors" });
  const again = afterOutcome(limits, error, at(32));
  expect(callsAllowed(again, 60, 1, at(91))).toMatchObject({ kind: "refused", why: "errors", until: at(92) });
  const closed = afterOutcome(withReservedCalls(again, 1, true, at(92)), answered, at(93));
  expect(callsAllowed(closed, 60, 10, at(93))).toMatchObject({ kind: "allowed", calls: 10, probe: false });
});

test("errors of calls that were running when the breaker opened do not lengthen the pause", () => {
  const limits = after(Array(16).fill(error), at(0));
  expect(limits.pausedUntil).toEqual(at(30));
});

test("a probe whose process died is followed by another", () => {
  const limits = withReservedCalls(after(Array(5).fill(error), at(0)), 1, true, at(30));
  expect(callsAllowed(limits, 60, 1, at(61))).toMatchObject({ kind: "allowed", probe: true });
});

test("throttling pauses for the time that the provider names, else longer each time", () => {
  const named = afterOutcome(initialCallLimits, { kind: "throttled", retryAfterS: 7 }, at(0));
  expect(named.pausedUntil).toEqual(at(7));
  const unnamed: CallOutcome = { kind: "throttled", retryAfterS: null };
  const first = afterOutcome(initialCallLimits, unnamed, at(0));
  const second = afterOutcome(first, unnamed, at(31));
  expect([first.pausedUntil, second.pausedUntil]).toEqual([at(30), at(91)]);
  const calm = afterOutcome(second, answered, at(100));
  expect(afterOutcome(calm, unnamed, at(200)).pausedUntil).toEqual(at(230));
});

test("a late answer does not end a pause that the provider asked for", () => {
  const limits = afterOutcome(initialCallLimits, { kind: "throttled", retryAfterS: 60 }, at(0));
  expect(afterOutcome(limits, answered, at(1)).pausedUntil).toEqual(at(60));
});

test("changed credentials end a pause for credentials and stops, but not a throttled pause", () => {
  const refused = afterOutcome(initialCallLimits, { kind: "credentials", reason: "HTTP 401" }, at(0));
  const stopped = { ...refused, stopped: { b2c: { reason: "locked", at: at(0).toISOString() } } };
  expect(withoutOutdatedPauses(stopped, at(-5))).toEqual(stopped);
  expect(withoutOutdatedPauses(stopped, at(5))).toMatchObject({ pausedUntil: null, stopped: {} });
  const throttled = afterOutcome(initialCallLimits, { kind: "throttled", retryAfterS: 60 }, at(0));
  expect(withoutOutdatedPauses(throttled, at(5)).pausedUntil).toEqual(at(60));
});
