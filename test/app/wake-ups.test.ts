import { expect, test, vi } from "vitest";
import { onNotice } from "../../src/app/notices.ts";
import { createWakeUps } from "../../src/app/wake-ups.ts";
import type { Deliver } from "../../src/deliver/deliver.ts";
import type { ReconcileWorker } from "../../src/reconcile/worker.ts";
import type { SettleWorker } from "../../src/settle/inbox/worker.ts";

function withoutWorkers() {
  const notices = { notifyInbox: vi.fn(), notifyDeliveries: vi.fn(), stop() {} };
  return { notices, wakeUps: createWakeUps(notices) };
}

function withWorkers() {
  const { notices, wakeUps } = withoutWorkers();
  const [settle, deliver, reconcile] = [{ wake: vi.fn() }, { wake: vi.fn(), changed: vi.fn() }, { wake: vi.fn() }];
  wakeUps.local.settle = settle as unknown as SettleWorker;
  wakeUps.local.deliver = deliver as unknown as Deliver;
  wakeUps.local.reconcile = reconcile as unknown as ReconcileWorker;
  return { notices, wakeUps, settle, deliver, reconcile };
}

test("without workers in this process a commit is notified to the other processes", () => {
  const { notices, wakeUps } = withoutWorkers();
  wakeUps.inbox([7]);
  wakeUps.deliveries(7, ["endpoint"]);
  wakeUps.polls([{ shard: 7, connectionId: "connection", afterMs: 0 }]);
  expect(notices.notifyInbox).toHaveBeenCalledExactlyOnceWith([7]);
  expect(notices.notifyDeliveries).toHaveBeenCalledExactlyOnceWith(7, ["endpoint"]);
});

test("workers of this process are woken without a notice", () => {
  const { notices, wakeUps, settle, deliver, reconcile } = withWorkers();
  const polls = [{ shard: 7, connectionId: "connection", afterMs: 0 }];
  wakeUps.inbox([7]);
  wakeUps.deliveries(7, ["endpoint"]);
  wakeUps.polls(polls);
  expect(settle.wake).toHaveBeenCalledExactlyOnceWith([7]);
  expect(deliver.wake).toHaveBeenCalledExactlyOnceWith(7, ["endpoint"]);
  expect(reconcile.wake).toHaveBeenCalledExactlyOnceWith(polls);
  expect(notices.notifyInbox).not.toHaveBeenCalled();
  expect(notices.notifyDeliveries).not.toHaveBeenCalled();
});

test("a notice drops caches and wakes the workers of this process, and is not passed on", () => {
  const { notices, wakeUps, settle, deliver } = withWorkers();
  const directory = { byToken: vi.fn(), byId: vi.fn(), forget: vi.fn() };
  const keyCache = { get: vi.fn(), set: vi.fn(), forget: vi.fn(), forgetOperators: vi.fn(), clear: vi.fn() };
  const targets = { directory, keyCache, wakeUps };
  onNotice(targets, { connectionId: "connection", merchantId: "merchant", endpointId: "endpoint" });
  onNotice(targets, { inbox: [7], due: { shard: 7, endpointIds: ["endpoint"] } });
  expect(directory.forget).toHaveBeenCalledExactlyOnceWith("connection");
  expect(keyCache.forget).toHaveBeenCalledExactlyOnceWith("merchant");
  expect(deliver.changed).toHaveBeenCalledExactlyOnceWith("endpoint");
  expect(settle.wake).toHaveBeenCalledExactlyOnceWith([7]);
  expect(deliver.wake).toHaveBeenCalledExactlyOnceWith(7, ["endpoint"]);
  expect(notices.notifyInbox).not.toHaveBeenCalled();
});

test("a notice in a process without workers changes nothing", () => {
  const { notices, wakeUps } = withoutWorkers();
  const directory = { byToken: vi.fn(), byId: vi.fn(), forget: vi.fn() };
  const keyCache = { get: vi.fn(), set: vi.fn(), forget: vi.fn(), forgetOperators: vi.fn(), clear: vi.fn() };
  onNotice({ directory, keyCache, wakeUps }, { inbox: [7], endpointId: "endpoint" });
  expect(notices.notifyInbox).not.toHaveBeenCalled();
  expect(directory.forget).not.toHaveBeenCalled();
});
