import fc from "fast-check";
import type { Logger } from "pino";
import { expect, test } from "vitest";
import { logOnChange } from "../../src/batch/log-on-change.ts";
import { throttledLog } from "../../src/batch/throttled-log.ts";

test("a repeated failure is logged at once, and then at most once in 10 s", () => {
  fc.assert(
    fc.property(fc.nat(60_000), fc.array(fc.nat(5_000), { minLength: 1, maxLength: 50 }), (startMs, pausesMs) => {
      let atMs = startMs;
      const linesAtMs: number[] = [];
      const log = { warn: () => linesAtMs.push(atMs) } as unknown as Logger;
      const warn = throttledLog(log, "the queue cannot be read", () => atMs);
      warn(new Error("gone"));
      for (const pauseMs of pausesMs) {
        atMs += pauseMs;
        warn(new Error("gone"));
      }
      expect(linesAtMs[0]).toBe(startMs);
      const gapsMs = linesAtMs.slice(1).map((line, before) => line - linesAtMs[before]!);
      expect(gapsMs.every(gapMs => gapMs >= 10_000 && gapMs < 15_000)).toBe(true);
      expect(atMs - linesAtMs.at(-1)!).toBeLessThan(10_000);
    }),
  );
});

test("two messages do not keep each other back, and a line has the error and the fields", () => {
  const lines: unknown[] = [];
  const log = { warn: (...line: unknown[]) => lines.push(line) } as unknown as Logger;
  const error = new Error("gone");
  throttledLog(log, "one")(error);
  throttledLog(log, "other")(error, { shard: 7 });
  expect(lines).toEqual([
    [{ err: error }, "one"],
    [{ err: error, shard: 7 }, "other"],
  ]);
});

test("of failures in a row the first is logged, and then the first success", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean()), outcomes => {
      const lines: string[] = [];
      const changes = logOnChange(
        error => lines.push(`failing from ${error}`),
        () => lines.push("working"),
      );
      const expected: string[] = [];
      for (const [at, isSuccess] of outcomes.entries()) {
        const wasSuccess = outcomes[at - 1] ?? true;
        if (isSuccess) changes.succeeded();
        else changes.failed(at);
        if (isSuccess !== wasSuccess) expected.push(isSuccess ? "working" : `failing from ${at}`);
      }
      expect(lines).toEqual(expected);
    }),
  );
});
