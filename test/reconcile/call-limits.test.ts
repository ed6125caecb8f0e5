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

function take(pace: CallLimits, rate: number, wanted: number, now: Date): { pace: CallLimits; calls: number } {
  const allowed = callsAllowed(pace, rate, wanted, now);
  if (allowed.kind === "refused") return { pace, calls: 0 };
  return { pace: withReservedCalls(pace, allowed.calls, allowed.probe, now), calls: allowed.calls };
}

test("in no minute there are more calls than allowed, however they are asked for, even a second late", () => {
  const asking = fc.array(fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 1, max: 30 })), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), asking, fc.nat(999), (rate, steps, lateMs) => {
      let pace = initialCallLimits;
      let nowMs = start;
      const calls: number[] = [];
      for (const [waitMs, wanted] of steps) {
        nowMs += waitMs;
        const taken = take(pace, rate, wanted, new Date(nowMs));
        pace = taken.pace;
        // Every other one reaches the provider late.
        for (let n = 0; n < taken.calls; n += 1) calls.push(nowMs + (n % 2 ? lateMs : 0));
      }
      calls.sort((a, b) => a - b);
      for (const [n, call] of calls.entries()) {
        expect(calls.filter((other, m) => m >= n && other < call + 60_000).length).toBeLessThanOrEqual(rate);
      }
    }),
  );
});

test("an allowance that is always asked for is used up, but for a second of each minute", () => {
  let pace = initialCallLimits;
  let calls = 0;
  for (let second = 0; second < 620; second += 1) {
    const taken = take(pace, 60, 60, at(second));
    pace = taken.pace;
    calls += taken.calls;
  }
  expect(calls).toBe(600);
});

test("a refusal for the rate says when the first call is out of the minute", () => {
  const { pace } = take(initialCallLimits, 5, 9, at(10));
  expect(callsAllowed(pace, 5, 1, at(20))).toEqual({ kind: "refused", why: "rate", until: at(72) });
  expect(callsAllowed(pace, 5, 1, at(72))).toMatchObject({ kind: "allowed", calls: 1 });
});

const error: CallOutcome = { kind: "error" };
const answered: CallOutcome = { kind: "answered" };
const after = (heard: CallOutcome[], now: Date, pace = initialCallLimits) =>
  heard.reduce((p, h) => afterOutcome(p, h, now), pace);

test("four errors in a row change nothing, the fifth opens the breaker, and an answer between begins anew", () => {
  const four = after([error, error, error, error], at(0));
  expect(callsAllowed(four, 60, 1, at(0))).toMatchObject({ kind: "allowed" });
  expect(callsAllowed(after([answered, error], at(0), four), 60, 1, at(0))).toMatchObject({ kind: "allowed" });
  expect(callsAllowed(after([error], at(0), four), 60, 1, at(0))).toEqual({
    kind: "refused",
    why: "errors",
    until: at(30),
  });
});

test("an open breaker lets one call at a time try whether it can be closed, and waits longer each time", () => {
  let pace = after(Array(5).fill(error), at(0));
  const probe = callsAllowed(pace, 60, 10, at(30));
  expect(probe).toEqual({ kind: "allowed", calls: 1, probe: true });
  pace = withReservedCalls(pace, 1, true, at(30));
  expect(callsAllowed(pace, 60, 10, at(31))).toMatchObject({ kind: "refused", why: "errors" });
  const again = afterOutcome(pace, error, at(32));
  expect(callsAllowed(again, 60, 1, at(91))).toMatchObject({ kind: "refused", why: "errors", until: at(92) });
  const closed = afterOutcome(withReservedCalls(again, 1, true, at(92)), answered, at(93));
  expect(callsAllowed(closed, 60, 10, at(93))).toMatchObject({ kind: "allowed", calls: 10, probe: false });
});

test("errors of calls that were under way when it opened do not make the pause longer", () => {
  const pace = after(Array(16).fill(error), at(0));
  expect(pace.pausedUntil).toEqual(at(30));
});

test("a probe whose process died gives way to another", () => {
  const pace = withReservedCalls(after(Array(5).fill(error), at(0)), 1, true, at(30));
  expect(callsAllowed(pace, 60, 1, at(61))).toMatchObject({ kind: "allowed", probe: true });
});

test("throttling pauses for as long as the provider says, else longer each time", () => {
  const said = afterOutcome(initialCallLimits, { kind: "throttled", retryAfterS: 7 }, at(0));
  expect(said.pausedUntil).toEqual(at(7));
  const unsaid: CallOutcome = { kind: "throttled", retryAfterS: null };
  const first = afterOutcome(initialCallLimits, unsaid, at(0));
  const second = afterOutcome(first, unsaid, at(31));
  expect([first.pausedUntil, second.pausedUntil]).toEqual([at(30), at(91)]);
  const calm = afterOutcome(second, answered, at(100));
  expect(afterOutcome(calm, unsaid, at(200)).pausedUntil).toEqual(at(230));
});

test("a late answer ends no pause that the provider asked for", () => {
  const pace = afterOutcome(initialCallLimits, { kind: "throttled", retryAfterS: 60 }, at(0));
  expect(afterOutcome(pace, answered, at(1)).pausedUntil).toEqual(at(60));
});

test("new credentials are tried at once, new or not a provider's pause is kept", () => {
  const refused = afterOutcome(initialCallLimits, { kind: "credentials", reason: "HTTP 401" }, at(0));
  const stopped = { ...refused, stopped: { b2c: { reason: "locked", at: at(0).toISOString() } } };
  expect(withoutOutdatedPauses(stopped, at(-5))).toEqual(stopped);
  expect(withoutOutdatedPauses(stopped, at(5))).toMatchObject({ pausedUntil: null, stopped: {} });
  const throttled = afterOutcome(initialCallLimits, { kind: "throttled", retryAfterS: 60 }, at(0));
  expect(withoutOutdatedPauses(throttled, at(5)).pausedUntil).toEqual(at(60));
});
