import { expect, test } from "vitest";
import { createRefusalLimit } from "../../src/receive/refusal-limit.ts";

test("regression: at most 60 callbacks of a connection are stored in any 60 s, wherever they begin", () => {
  const clock = { ms: 59_000 };
  const allows = createRefusalLimit(() => clock.ms);
  const storedOf = (connection: string, times: number) => Array.from({ length: times }, () => allows(connection));
  const count = (stored: boolean[]) => stored.filter(Boolean).length;
  expect(count(storedOf("a", 40))).toBe(40);
  // The next minute of the clock has begun.
  clock.ms = 61_000;
  expect(count(storedOf("a", 100))).toBe(20);
  expect(count(storedOf("b", 100))).toBe(60);
  clock.ms = 118_999;
  expect(count(storedOf("a", 100))).toBe(0);
  clock.ms = 119_000;
  expect(count(storedOf("a", 100))).toBe(40);
  clock.ms = 121_000;
  expect(count(storedOf("a", 100))).toBe(20);
});
