import fc from "fast-check";
import { expect, test } from "vitest";
import {
  afterAttempt,
  capacityOf,
  isBreakerOpen,
  newSendWindow,
  probePauseMaxMs,
  type SendWindow,
  windowSizes,
} from "../../src/deliver/queue/send-window.ts";

const windowMax = 64;

function after(outcomes: { deliveryId: string; isDelivered: boolean }[], nowMs = 0): SendWindow {
  return outcomes.reduce((window, outcome) => afterAttempt(window, outcome, windowMax, nowMs), newSendWindow);
}
const failures = (count: number, deliveries: number) =>
  Array.from({ length: count }, (_, at) => ({ deliveryId: `d${at % deliveries}`, isDelivered: false }));

test("a single delivery that fails never opens the breaker, however often it fails", () => {
  const window = after(failures(1000, 1));
  expect(isBreakerOpen(window)).toBe(false);
  expect(capacityOf(window, 0, windowMax, 0)).toBeGreaterThan(0);
});

test("an endpoint that fails many deliveries in a row gets one probe at a time, with pauses of ten seconds at most", () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 100_000 }), count => {
      const window = after(failures(count, 7), 5);
      expect(capacityOf(window, 0, windowMax, 5)).toBe(0);
      expect(capacityOf(window, 0, windowMax, 5 + probePauseMaxMs)).toBe(1);
      expect(capacityOf(window, 1, windowMax, 5 + probePauseMaxMs)).toBe(0);
    }),
    { numRuns: 20 },
  );
});

test("after few failures the pause is short", () => {
  expect(capacityOf(after(failures(10, 10)), 0, windowMax, 100)).toBe(1);
});

test("one success closes the breaker, and the window grows again from two", () => {
  const window = after([...failures(500, 9), { deliveryId: "well", isDelivered: true }]);
  expect(isBreakerOpen(window)).toBe(false);
  expect(capacityOf(window, 0, windowMax, 0)).toBe(windowSizes.afterFailures);
});

test("the window of an endpoint that delivers grows to the maximum, and no further", () => {
  const window = after(Array.from({ length: 200 }, (_, at) => ({ deliveryId: `d${at}`, isDelivered: true })));
  expect(capacityOf(window, 0, windowMax, 0)).toBe(windowMax);
});

test("whatever the outcomes, with nothing in flight there is capacity after the longest pause", () => {
  const outcome = fc.record({ deliveryId: fc.constantFrom("a", "b", "c", "d", "e", "f"), isDelivered: fc.boolean() });
  fc.assert(
    fc.property(fc.array(outcome, { maxLength: 200 }), outcomes => {
      expect(capacityOf(after(outcomes), 0, windowMax, probePauseMaxMs)).toBeGreaterThan(0);
    }),
  );
});
