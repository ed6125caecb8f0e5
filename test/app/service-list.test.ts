import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createServiceList, type Service } from "../../src/app/service-list.ts";

let seen: string[];
let lines: Record<string, unknown>[];
const log = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });

beforeEach(() => {
  seen = [];
  lines = [];
});
afterEach(() => vi.useRealTimers());

function service(name: string, more: Partial<Service> = {}): Service {
  return {
    name,
    start: () => void seen.push(`start ${name}`),
    stop: () => void seen.push(`stop ${name}`),
    ...more,
  };
}

test("services start in order and stop in reverse, each after the one before it", async () => {
  const services = createServiceList(log, 1_000);
  const slowly = (what: string) => async () => {
    await new Promise(resolve => setImmediate(resolve));
    seen.push(what);
  };
  await services.start(service("database"));
  await services.start(service("worker", { start: slowly("start worker"), stop: slowly("stop worker") }));
  await services.start(service("requests"));
  await services.stop();
  expect(seen).toEqual([
    ...["start database", "start worker", "start requests"],
    ...["stop requests", "stop worker", "stop database"],
  ]);
  expect(lines).toEqual([]);
});

test("a service is stopped with what its start made", async () => {
  const services = createServiceList(log, 1_000);
  const stop = vi.fn();
  expect(await services.start({ name: "counter", start: async () => ({ count: 7 }), stop })).toEqual({ count: 7 });
  await services.stop();
  expect(stop).toHaveBeenCalledExactlyOnceWith({ count: 7 });
});

test("after a failed start the started services stop, and the failed one does not", async () => {
  const services = createServiceList(log, 1_000);
  const failing = service("worker", { start: () => Promise.reject(new Error("no database")) });
  await services.start(service("database"));
  await expect(services.start(failing)).rejects.toThrow("no database");
  await services.stop();
  expect(seen).toEqual(["start database", "stop database"]);
});

test("a stop that fails is logged, and the other services stop all the same", async () => {
  const services = createServiceList(log, 1_000);
  await services.start(service("database"));
  await services.start(service("worker", { stop: () => Promise.reject(new Error("broken")) }));
  await services.stop();
  expect(seen).toEqual(["start database", "start worker", "stop database"]);
  expect(lines).toMatchObject([{ service: "worker", err: { message: "broken" }, msg: "service failed to stop" }]);
});

test("a stop that hangs is bounded, and the log names the services that did not stop", async () => {
  vi.useFakeTimers();
  const services = createServiceList(log, 28_000);
  await services.start(service("database"));
  await services.start(service("worker", { stop: () => new Promise(() => {}) }));
  await services.start(service("requests"));
  let isStopped = false;
  const stopped = services.stop().then(() => {
    isStopped = true;
  });
  await vi.advanceTimersByTimeAsync(27_999);
  expect(isStopped).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await stopped;
  expect(seen.slice(3)).toEqual(["stop requests"]);
  expect(lines).toMatchObject([{ services: ["worker", "database"], msg: "services did not stop in time" }]);
});

test("services that are told to stop twice stop once", async () => {
  const services = createServiceList(log, 1_000);
  await services.start(service("database"));
  await Promise.all([services.stop(), services.stop()]);
  expect(seen).toEqual(["start database", "stop database"]);
});
