import { afterEach, beforeEach, expect, test } from "vitest";
import { simulateKodipay } from "../../src/providers/kodipay/simulator/server.ts";
import { type ReconcileWorker, startReconcileWorker } from "../../src/reconcile/worker.ts";
import { callbackSays, kes, pollSays } from "../support/evidence.ts";
import { reconcileBundle } from "../support/reconcile-bundle.ts";
import { evidenceItem, withOwnId } from "../support/settling.ts";
import { testReconciler } from "../support/test-reconciler.ts";

const bundle = reconcileBundle();
const { connect, addPush, registerPush, backdate, pass, transaction, eventTypes, entries, statusCalls } = bundle;
const settle: typeof bundle.reconciler.settle = (...items) => bundle.reconciler.settle(...items);
let worker: ReconcileWorker;

beforeEach(() => {
  worker = startReconcileWorker(bundle.reconciler.deps);
});
afterEach(() => worker.drain());

const identity = ["checkout_request_id:ws_CO_1", "receipt:TJIKQ7V33N"];
const refs = { checkout_request_id: "ws_CO_1", receipt: "TJIKQ7V33N" };
const aCallbackOfSuccess = () =>
  evidenceItem(bundle.connection, callbackSays("completed", { identity, refs, amount: kes(5000) }));
const anotherCallbackOfSuccess = () => evidenceItem(bundle.connection, withOwnId(aCallbackOfSuccess().evidence[0]!, 2));

test("a success of an unregistered transaction is polled at once, without a pass, and settles by the answer", async () => {
  addPush();
  await settle(aCallbackOfSuccess());
  expect(await transaction()).toMatchObject({ status: "pending", review: null });
  await worker.runOnce();
  expect(await transaction()).toMatchObject({ status: "completed", statusSource: "poll", registered: false });
  expect(await eventTypes()).toEqual(["payment.pending", "payment.completed"]);
  expect(statusCalls()).toHaveLength(1);
});

test("a forged success settles nothing: the provider does not know of it", async () => {
  addPush({ outcome: "pending", receipt: "X" });
  await settle(aCallbackOfSuccess());
  await worker.runOnce();
  expect(await transaction()).toMatchObject({ status: "pending" });
  expect(await eventTypes()).toEqual(["payment.pending"]);
  await worker.runOnce();
  expect(statusCalls()).toHaveLength(1);
});

test("from confirm_above on, a callback's success is polled before it settles", async () => {
  await connect({ settings: { confirm_above: "50.00" } });
  addPush();
  await registerPush();
  await settle(aCallbackOfSuccess());
  expect(await transaction()).toMatchObject({ status: "pending" });
  await worker.runOnce();
  expect(await transaction()).toMatchObject({ status: "completed", statusSource: "poll" });
});

test("each callback requests one poll; the answer of a poll requests none", async () => {
  await connect({ settings: { settle_on: "proof" } });
  addPush({ outcome: "pending" });
  await settle(aCallbackOfSuccess());
  await worker.runOnce();
  await worker.runOnce();
  expect(statusCalls()).toHaveLength(1);
  await settle(anotherCallbackOfSuccess());
  await worker.runOnce();
  expect(statusCalls()).toHaveLength(2);
});

test("a poll that is requested during a poll runs after it", async () => {
  await connect({ settings: { settle_on: "proof" } });
  addPush({ steps: [{ do: "late", ms: 300, step: { do: "say", outcome: "pending" } }] });
  await settle(aCallbackOfSuccess());
  const round = worker.runOnce();
  await bundle.daraja.until(calls => calls.some(call => call.what === "status"));
  await settle(anotherCallbackOfSuccess());
  await round;
  await worker.runOnce();
  expect(await transaction()).toMatchObject({ status: "completed", statusSource: "poll" });
  expect(statusCalls()).toHaveLength(2);
});

test("a refund that is too weak to settle is polled although the payment is final", async () => {
  const kodipay = await simulateKodipay();
  kodipay.ledger.add("ORDER", { outcome: "refunded", amount: "50.00", currency: "KES", steps: [] });
  await connect({
    provider: "kodipay",
    credentials: { client_id: "client", client_secret: "client-secret" },
    baseUrl: kodipay.url,
    settings: { settle_on: "proof" },
  });
  const order = { kind: "checkout", refs: { order_number: "ORDER" } } as const;
  const of = () => ({ ...order, identity: ["order_number:ORDER"] });
  await settle(evidenceItem(bundle.connection, pollSays("completed", of())));
  await settle(evidenceItem(bundle.connection, callbackSays("refunded", of())));
  expect(await transaction()).toMatchObject({ status: "completed" });
  await worker.runOnce();
  expect(await transaction()).toMatchObject({ status: "refunded", statusSource: "poll" });
  expect(await entries()).toEqual([]);
  await kodipay.close();
});

test("a poll of a stopped process is repeated by another process, and its late answer changes nothing", async () => {
  addPush({ steps: [{ do: "late", ms: 400, step: { do: "say", outcome: "failed" } }] });
  await registerPush();
  await backdate(31);
  const stopped = pass();
  await bundle.daraja.until(calls => calls.some(call => call.what === "status"));
  // As if the process had been stopped for longer than its lease.
  const { id } = bundle.connection;
  await bundle.sql`update poll_queue set due_at = now() - interval '1 second' where connection_id = ${id}`;
  await worker.runOnce();
  expect(await transaction()).toMatchObject({ status: "completed", statusSource: "poll" });
  expect(await stopped).toMatchObject({ polled: 0, settled: 0, already_running: 1 });
  const evidence = await bundle.sql`
    select says from evidence e join transactions t on t.id = e.transaction_id where t.connection_id = ${id}`;
  expect(evidence.map(e => e.says)).toEqual(["completed"]);
});

test("an urgent poll without an answer is repeated by the worker", async () => {
  addPush({ steps: [{ do: "break", status: 500 }] });
  await settle(aCallbackOfSuccess());
  await worker.runOnce();
  expect(await transaction()).toMatchObject({ status: "pending" });
  await backdate(31);
  await worker.runOnce();
  expect(await transaction()).toMatchObject({ status: "completed" });
});

test("regression: a poll whose answer cannot be settled for a moment is repeated, long before its lease ends", async () => {
  addPush();
  await registerPush();
  await backdate(31);
  let failures = 1;
  const strict = testReconciler(bundle.sql, {
    settler: {
      async settle(shard, item) {
        failures -= 1;
        if (failures >= 0) throw Object.assign(new Error("no answer"), { code: "NO_ANSWER" });
        return await bundle.reconciler.deps.settler.settle(shard, item);
      },
    },
  });
  await expect(strict.pass({ connectionId: bundle.connection.id })).rejects.toThrow("no answer");
  await expect.poll(entries).toMatchObject([{ lease_id: null, urgent: true }]);
  const { id } = await transaction();
  const told = await bundle.sql`select outcome from polls where transaction_id = ${id}`;
  expect(told).toMatchObject([{ outcome: "unavailable" }]);
  await worker.runOnce();
  expect(await transaction()).toMatchObject({ status: "completed", statusSource: "poll" });
});

test("an answer that the database refuses affects no other answer, and is not polled again at once", async () => {
  const tooLarge = 2 ** 20;
  addPush();
  const t = await registerPush();
  addPush({ id: "ws_CO_2", receipt: "T2" });
  await registerPush({ refs: { checkout_request_id: "ws_CO_2" } });
  await backdate(31);
  const strict = testReconciler(bundle.sql, {
    settler: {
      settle(shard, item) {
        const evidence = item.evidence.map(e => ({ ...e, reading: tooLarge }));
        const { settler } = bundle.reconciler.deps;
        return settler.settle(shard, item.target === t.id ? { ...item, evidence } : item);
      },
    },
  });
  const scope = { connectionId: bundle.connection.id };
  expect(await strict.pass(scope)).toMatchObject({ polled: 1, settled: 1, errors: 1 });
  expect(await strict.pass(scope)).toMatchObject({ polled: 0, errors: 0 });
  await backdate(31);
  expect(await pass()).toMatchObject({ polled: 1, settled: 1 });
  await strict.close();
});
