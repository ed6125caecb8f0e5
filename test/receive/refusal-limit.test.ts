import { expect, test } from "vitest";
import { createRefusalLimit } from "../../src/receive/refusal-limit.ts";

test("in no minute, wherever it begins, are more than 60 kept of one connection", () => {
  const clock = { ms: 59_000 };
  const allows = createRefusalLimit(() => clock.ms);
  const keptOf = (connection: string, times: number) => Array.from({ length: times }, () => allows(connection));
  const count = (kept: boolean[]) => kept.filter(Boolean).length;
  expect(count(keptOf("a", 40))).toBe(40);
  // The clock's minute turns.
  clock.ms = 61_000;
  expect(count(keptOf("a", 100))).toBe(20);
  expect(count(keptOf("b", 100))).toBe(60);
  clock.ms = 118_999;
  expect(count(keptOf("a", 100))).toBe(0);
  clock.ms = 119_000;
  expect(count(keptOf("a", 100))).toBe(40);
  clock.ms = 121_000;
  expect(count(keptOf("a", 100))).toBe(20);
});
