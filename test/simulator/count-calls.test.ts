import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { byTransaction, mostAtOnce, mostWithin } from "../../src/simulator/count-calls.ts";
import { jsonCallback, postCallback } from "../../src/simulator/post-callback.ts";
import { makeRateLimit } from "../../src/simulator/rate-limit.ts";
import type { SimulatedCall } from "../../src/simulator/server.ts";

function call(startedMs: number, endedMs: number | null, about: string | null = null): SimulatedCall {
  return { what: "status", about, startedMs, endedMs, status: 200 };
}

test("calls at once are those that overlap; one that ends as another begins does not", () => {
  expect(mostAtOnce([])).toBe(0);
  expect(mostAtOnce([call(0, 10), call(10, 20), call(20, 30)])).toBe(1);
  expect(mostAtOnce([call(0, 10), call(5, 20), call(9, 11), call(30, 31)])).toBe(3);
  expect(mostAtOnce([call(0, null), call(100, 101)])).toBe(2);
});

test("calls within a minute are counted in its busiest minute", () => {
  expect(mostWithin([], 60_000)).toBe(0);
  expect(mostWithin([call(0, 1), call(59_999, 60_000), call(60_000, 60_001)], 60_000)).toBe(2);
  expect(mostWithin([call(70_000, 1), call(0, 1), call(60_001, 1), call(60_002, 1)], 60_000)).toBe(3);
});

test("calls are told apart by what they were about", () => {
  const grouped = byTransaction([call(0, 1, "a"), call(1, 2, "b"), call(2, 3, "a"), call(3, 4)]);
  expect([...grouped].map(([about, calls]) => [about, calls.length])).toEqual([
    ["a", 2],
    ["b", 1],
  ]);
});

test("a limit lets through so many calls in any such time", () => {
  const isWithin = makeRateLimit({ callsMax: 2, inMs: 1000 });
  expect([0, 1, 2, 999, 1000, 1000, 1001, 1001].map(isWithin)).toEqual([
    true,
    true,
    false,
    false,
    true,
    false,
    true,
    false,
  ]);
});

test("a callback is posted as often as it should be, and a lost one never", async () => {
  let posts = 0;
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      posts += 1;
      response.writeHead(posts === 2 ? 503 : 200).end();
    });
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`;
  expect(await postCallback(url, jsonCallback({}), { copies: 0 })).toEqual([]);
  expect((await postCallback(url, jsonCallback({}), { copies: 3, afterMs: 1 })).sort()).toEqual([200, 200, 503]);
  expect(posts).toBe(3);
  expect(await postCallback("http://127.0.0.1:1/in", jsonCallback({}))).toEqual([0]);
});
