import { beforeEach, expect, test } from "vitest";
import { startReconcileWorker } from "../../src/reconcile/worker.ts";
import { callbackSays, kes } from "../support/evidence.ts";
import { darajaCredentials, reconcileBundle } from "../support/reconcile-bundle.ts";
import { eventsOf, evidenceItem } from "../support/settling.ts";

const bundle = reconcileBundle();
const { addPush, registerPush, backdate, pass, transaction, eventTypes, entries, statusCalls } = bundle;

beforeEach(() => addPush({ outcome: "pending" }));

const giveUpS = 172_801;
const aSecondAgo = () => new Date(Date.now() - 1000);
const aCallbackOfSuccess = () => {
  const refs = { checkout_request_id: "ws_CO_1" };
  const identity = ["checkout_request_id:ws_CO_1"];
  return evidenceItem(bundle.connection, callbackSays("completed", { identity, refs, amount: kes(5000) }));
};

test("a transaction without an answer by the time to give up is unresolved, with a review, and polled no more", async () => {
  await registerPush();
  await backdate(giveUpS);
  expect(await pass()).toMatchObject({ polled: 1, pending: 0, unresolved: 1, settled: 0 });
  expect(await transaction()).toMatchObject({
    status: "unresolved",
    statusSource: "schedule",
    review: { reason: "unresolved" },
  });
  expect(await eventTypes()).toEqual(["payment.unresolved", "transaction.review_required"]);
  expect(await entries()).toEqual([]);
  await backdate(86_400);
  expect(await pass()).toMatchObject({ polled: 0, unresolved: 0 });
  expect(statusCalls()).toHaveLength(1);
});

test("a callback a day after giving up still settles, and closes the review", async () => {
  await registerPush();
  await backdate(giveUpS);
  await pass();
  await backdate(86_400);
  await bundle.reconciler.settle(aCallbackOfSuccess());
  expect(await transaction()).toMatchObject({ status: "completed", statusSource: "callback", review: null });
  expect(await eventTypes()).toEqual([
    "payment.unresolved",
    "transaction.review_required",
    "payment.completed",
    "transaction.review_closed",
  ]);
  const told = await eventsOf(bundle.sql, await transaction());
  expect(told.map(e => e.correction)).toEqual([false, false, false, false]);
});

test("giving up waits for no pause: paused, throttled or unavailable, the transaction ends unresolved", async () => {
  await registerPush();
  bundle.daraja.ledger.outage({ do: "throttle", as: "json", retryAfterS: 3600 });
  await backdate(31);
  expect(await pass()).toMatchObject({ rate_limited: 1 });
  await bundle.sql`
    update connection_pace set paused_until = now() + interval '9 days' where connection_id = ${bundle.connection.id}`;
  await backdate(giveUpS);
  expect(await pass()).toMatchObject({ polled: 0, unresolved: 1 });
  expect(await transaction()).toMatchObject({ status: "unresolved" });
});

test("a transaction of a kind without status call waits for callbacks, and ends unresolved at the time to give up", async () => {
  const t = await registerPush({ kind: "b2c", refs: { conversation_id: "AG_1" } });
  await backdate(172_700);
  expect(await pass()).toMatchObject({ polled: 0, unresolved: 0, rate_limited: 0 });
  await backdate(200);
  expect(await pass()).toMatchObject({ polled: 0, unresolved: 1 });
  expect((await eventsOf(bundle.sql, t)).map(e => e.type)).toEqual([
    "payout.unresolved",
    "transaction.review_required",
  ]);
  expect(statusCalls()).toEqual([]);
});

test("a transaction that expires is polled once more, and then expired by the schedule", async () => {
  await registerPush({ expiresAt: new Date(Date.now() + 45_000) });
  await backdate(31);
  expect(await pass()).toMatchObject({ polled: 1, pending: 1 });
  await backdate(15);
  expect(await pass()).toMatchObject({ polled: 1, settled: 1, pending: 0, unresolved: 0 });
  expect(await transaction()).toMatchObject({ status: "expired", statusSource: "schedule", review: null });
  expect(await eventTypes()).toEqual(["payment.expired"]);
  expect(statusCalls()).toHaveLength(2);
  expect(await entries()).toEqual([]);
});

test("a payment that the last poll reports as paid is completed, not expired", async () => {
  await registerPush({ expiresAt: new Date(Date.now() + 45_000) });
  bundle.daraja.ledger.settle("ws_CO_1", "completed");
  await backdate(46);
  expect(await pass()).toMatchObject({ polled: 1, settled: 1 });
  expect(await eventTypes()).toEqual(["payment.completed"]);
});

test("a success after the expiry is a correction", async () => {
  await registerPush({ expiresAt: aSecondAgo() });
  await pass();
  await bundle.reconciler.settle(aCallbackOfSuccess());
  const told = await eventsOf(bundle.sql, await transaction());
  expect(told.map(e => [e.type, e.correction])).toEqual([
    ["payment.expired", false],
    ["payment.completed", true],
  ]);
});

test("a transaction that cannot be polled expires without a poll", async () => {
  await registerPush({ refs: {}, amount: null, reference: "ORDER-1", expiresAt: aSecondAgo() });
  expect(await pass()).toMatchObject({ polled: 0, settled: 1 });
  expect(await transaction()).toMatchObject({ status: "expired", statusSource: "schedule" });
  expect(statusCalls()).toEqual([]);
});

test("the expiry waits for a last poll that is throttled", async () => {
  await registerPush({ expiresAt: aSecondAgo() });
  bundle.daraja.ledger.outage({ do: "throttle" });
  expect(await pass()).toMatchObject({ polled: 0, settled: 0, rate_limited: 1 });
  expect(await pass()).toMatchObject({ polled: 0, settled: 0, rate_limited: 1 });
  expect(await transaction()).toMatchObject({ status: "pending" });
  bundle.daraja.ledger.outage(null);
  await backdate(31);
  expect(await pass()).toMatchObject({ polled: 1, settled: 1 });
  expect(await transaction()).toMatchObject({ status: "expired" });
});

test("the expiry waits for a last poll that the rate limit does not allow yet", async () => {
  await bundle.connect({ settings: { reconcile: { rate_per_minute: 1 } } });
  await registerPush({ expiresAt: aSecondAgo() });
  addPush({ id: "ws_CO_2", outcome: "pending", receipt: "TJIKQ7V33P" });
  await registerPush({ refs: { checkout_request_id: "ws_CO_2" }, amount: null, expiresAt: aSecondAgo() });
  expect(await pass()).toMatchObject({ polled: 1, settled: 1, rate_limited: 1 });
  await backdate(62);
  expect(await pass()).toMatchObject({ polled: 1, settled: 1, rate_limited: 0 });
});

test("a last poll without an answer delays the expiry no further", async () => {
  await registerPush({ expiresAt: aSecondAgo() });
  bundle.daraja.ledger.outage({ do: "break", status: 500 });
  expect(await pass()).toMatchObject({ errors: 1, settled: 1 });
  expect(await transaction()).toMatchObject({ status: "expired" });
});

test("a transaction whose connection has refused credentials expires without an answer", async () => {
  await bundle.connect({ credentials: { ...darajaCredentials, consumer_secret: "wrong" } });
  await registerPush({ expiresAt: aSecondAgo() });
  expect(await pass()).toMatchObject({ errors: 1, settled: 1 });
  expect(await transaction()).toMatchObject({ status: "expired" });
});

test("a transaction that is unresolved before its expiry still expires", async () => {
  await bundle.connect({ settings: { reconcile: { schedule_s: [5], give_up_after_s: 10 } } });
  await registerPush({ expiresAt: new Date(Date.now() + 60_000) });
  await backdate(11);
  expect(await pass()).toMatchObject({ polled: 1, unresolved: 1 });
  await backdate(60);
  expect(await pass()).toMatchObject({ polled: 1, settled: 1 });
  expect(await transaction()).toMatchObject({ status: "expired", review: null });
});

test("the worker expires transactions without a pass, after a last poll", async () => {
  const worker = startReconcileWorker(bundle.reconciler.deps);
  await registerPush({ expiresAt: aSecondAgo() });
  await worker.runOnce();
  expect(await transaction()).toMatchObject({ status: "expired", statusSource: "schedule" });
  expect(statusCalls()).toHaveLength(1);
  await worker.drain();
});

test("a deleted connection is not polled; its transactions end by the schedule", async () => {
  await registerPush();
  await bundle.sql`update connections set deleted_at = now() where id = ${bundle.connection.id}`;
  await backdate(giveUpS);
  expect(await pass()).toMatchObject({ polled: 0, unresolved: 1 });
  expect(statusCalls()).toEqual([]);
});
