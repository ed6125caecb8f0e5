import { describe, expect, test } from "vitest";
import { createBreaker } from "../../src/answer/breaker.ts";

function circuit() {
  const clock = { ms: 0 };
  const breaker = createBreaker(() => clock.ms);
  const fail = (times = 1) => {
    for (let at = 0; at < times; at += 1) breaker.recordFailure("a");
  };
  const admits = () => breaker.admits("a");
  return { clock, breaker, fail, admits };
}

describe("a breaker", () => {
  test("opens after ten failures in a row, for the failing key only", () => {
    const { breaker, fail, admits } = circuit();
    fail(9);
    breaker.recordSuccess("a");
    fail(9);
    expect(admits()).toBe(true);
    fail();
    expect(admits()).toBe(false);
    expect(breaker.admits("b")).toBe(true);
  });

  test("lets one call through after a second, and every call once that one has succeeded", () => {
    const { clock, breaker, fail, admits } = circuit();
    fail(10);
    clock.ms = 999;
    expect(admits()).toBe(false);
    clock.ms = 1_000;
    expect([admits(), admits(), admits()]).toEqual([true, false, false]);
    breaker.recordSuccess("a");
    expect([admits(), admits()]).toEqual([true, true]);
    fail(9);
    expect(admits()).toBe(true);
  });

  test("waits twice as long after each failed call, 30 s at most", () => {
    const { clock, fail, admits } = circuit();
    fail(10);
    for (const waitMs of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      clock.ms += waitMs - 1;
      expect(admits()).toBe(false);
      clock.ms += 1;
      expect(admits()).toBe(true);
      fail();
    }
  });

  test("is not kept open by calls that were under way when it opened", () => {
    const { clock, fail, admits } = circuit();
    fail(10);
    clock.ms = 900;
    fail(50);
    clock.ms = 1_000;
    expect(admits()).toBe(true);
  });
});
