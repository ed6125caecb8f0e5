import { expect, test } from "vitest";
import { type Retry, retry } from "../../src/batch/retry.ts";

const options: Retry<string> = {
  isTransient: outcome => outcome === "busy",
  mayRetry: () => true,
  retriesMax: 2,
  waitMs: 0,
  factor: 1,
  waitMaxMs: 0,
  jitter: false,
  retryMaxMs: 60_000,
  signal: new AbortController().signal,
};

/** An attempt with these outcomes in turn. */
function attempts(...outcomes: string[]) {
  const left = [...outcomes];
  const attempt = async () => left.shift()!;
  return { attempt, left };
}

test("a transient outcome is followed by another attempt, any other is returned at once", async () => {
  const { attempt, left } = attempts("busy", "done", "never reached");
  expect(await retry(attempt, options)).toBe("done");
  expect(left).toEqual(["never reached"]);
});

test("after the last retry the transient outcome is returned as it is", async () => {
  const { attempt, left } = attempts("busy", "busy", "busy", "done");
  expect(await retry(attempt, options)).toBe("busy");
  expect(left).toEqual(["done"]);
});

test("a retry that is not permitted ends with the present outcome", async () => {
  const { attempt, left } = attempts("busy", "done");
  expect(await retry(attempt, { ...options, mayRetry: async () => false })).toBe("busy");
  expect(left).toEqual(["done"]);
});

test("the signal ends the wait between two attempts", async () => {
  const stopping = new AbortController();
  const { attempt, left } = attempts("busy", "done");
  const waiting = retry(attempt, {
    ...options,
    waitMs: 3_600_000,
    waitMaxMs: 3_600_000,
    retryMaxMs: Number.POSITIVE_INFINITY,
    mayRetry() {
      setImmediate(() => stopping.abort());
      return true;
    },
    signal: stopping.signal,
  });
  expect(await waiting).toBe("aborted");
  expect(left).toEqual(["done"]);
});

test("nothing is attempted once the signal is aborted", async () => {
  const { attempt, left } = attempts("done");
  expect(await retry(attempt, { ...options, signal: AbortSignal.abort() })).toBe("aborted");
  expect(left).toEqual(["done"]);
});

test("an attempt that rejects is not repeated", async () => {
  let count = 0;
  const attempt = async () => {
    count += 1;
    throw new Error("a bug");
  };
  await expect(retry(attempt, options)).rejects.toThrow("a bug");
  expect(count).toBe(1);
});
