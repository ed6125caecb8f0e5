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
  return outcomes.reduce((pace, outcome) => afterAttempt(pace, outcome, windowMax, nowMs), newSendWindow);
}
const failures = (count: number, deliveries: number) =>
  Array.from({ length: count }, (_, at) => ({ deliveryId: `d${at % deliveries}`, isDelivered: false }));

test("a delivery that fails alone is never held up, however often it fails", () => {
  const pace = after(failures(1000, 1));
  expect(isBreakerOpen(pace)).toBe(false);
  expect(capacityOf(pace, 0, windowMax, 0)).toBeGreaterThan(0);
});

test("an endpoint that fails many deliveries in a row gets one probe at a time, after a pause of ten seconds at most", () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 100_000 }), count => {
      const pace = after(failures(count, 7), 5);
      expect(capacityOf(pace, 0, windowMax, 5)).toBe(0);
      expect(capacityOf(pace, 0, windowMax, 5 + probePauseMaxMs)).toBe(1);
      expect(capacityOf(pace, 1, windowMax, 5 + probePauseMaxMs)).toBe(0);
    }),
    { numRuns: 20 },
  );
});

test("few failures cost little pause", () => {
  expect(capacityOf(after(failures(10, 10)), 0, windowMax, 100)).toBe(1);
});

test("one delivery closes the breaker, and the window opens from small", () => {
  const pace = after([...failures(500, 9), { deliveryId: "well", isDelivered: true }]);
  expect(isBreakerOpen(pace)).toBe(false);
  expect(capacityOf(pace, 0, windowMax, 0)).toBe(windowSizes.afterFailures);
});

test("an endpoint that delivers gets all the room there is, and never more", () => {
  const pace = after(Array.from({ length: 200 }, (_, at) => ({ deliveryId: `d${at}`, isDelivered: true })));
  expect(capacityOf(pace, 0, windowMax, 0)).toBe(windowMax);
});

test("whatever happens, nothing in flight and time enough leave room", () => {
  const outcome = fc.record({ deliveryId: fc.constantFrom("a", "b", "c", "d", "e", "f"), isDelivered: fc.boolean() });
  fc.assert(
    fc.property(fc.array(outcome, { maxLength: 200 }), outcomes => {
      expect(capacityOf(after(outcomes), 0, windowMax, probePauseMaxMs)).toBeGreaterThan(0);
    }),
  );
});
