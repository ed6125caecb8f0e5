import { expect, test } from "vitest";
import { retryAfterS } from "../../../src/providers/kit/retry-after.ts";

const now = new Date("2025-10-18T20:30:26.500Z");

test.each([
  ["5", 5],
  [" 120 ", 120],
  ["0", 0],
  ["999999999", 86_400],
  ["Sat, 18 Oct 2025 20:31:26 GMT", 60],
  ["Sat, 18 Oct 2025 20:00:00 GMT", 0],
  ["Sat, 18 Oct 2125 20:00:00 GMT", 86_400],
])("%j waits %i s", (text, seconds) => {
  expect(retryAfterS({ "retry-after": text }, now)).toBe(seconds);
});

test.each(["", "soon", "-5", "1.5", "1e3", "2025-10-18", "Sat, 99 Oct 2025 20:31:26 GMT", "9".repeat(400)])(
  "%j says nothing",
  text => {
    expect(retryAfterS({ "retry-after": text }, now)).toBeNull();
  },
);

test("without the header nothing is said", () => {
  expect(retryAfterS({}, now)).toBeNull();
});
