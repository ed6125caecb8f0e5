import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { ConnectionSettings } from "../../src/connections/settings.ts";
import type { Registration } from "../../src/domain/transaction.ts";
import { startReconcileWorker } from "../../src/reconcile/worker.ts";
import { type SimulatedDaraja, simulateDaraja } from "../../src/simulator/servers/daraja.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { kes, learnt } from "../support/evidence.ts";
import { connection, merchant, type TestConnection, type TestMerchant } from "../support/fixtures.ts";
import { type Reconciling, reconciling } from "../support/reconciling.ts";
import { heard, standing, toldOf } from "../support/settling.ts";

let database: TestDatabase;
let duka: TestMerchant;
let rec: Reconciling;
let server: SimulatedDaraja;
let daraja: TestConnection;

beforeAll(async () => {
  [database, server] = await Promise.all([testDatabase(), simulateDaraja()]);
  duka = await merchant(database.sql);
  rec = reconciling(database.sql);
});

beforeEach(async () => {
  server.calls.splice(0);
  server.ledger.outage(null);
  daraja = await made();
});

afterAll(async () => {
  await rec.close();
  await server.close();
  await database.drop();
});

const credentials = { consumer_key: "key", consumer_secret: "secret", shortcode: "174379", passkey: "passkey" };
const made = (settings: ConnectionSettings = {}) =>
  connection(database.sql, duka, { credentials, baseUrl: server.url, settings });
const pass = () => rec.pass({ connectionId: daraja.id });
const asked = () => server.calls.filter(call => call.what === "status").length;
const only = async () => (await standing(database.sql, daraja))[0]!;
const types = async () => (await toldOf(database.sql, await only())).map(e => e.type);
const places = async () => {
  const [row] = await database.sql<{ count: bigint }[]>`
    select count(*) from poll_queue where connection_id = ${daraja.id}`;
  return Number(row!.count);
};

function registered(more: Partial<Registration> = {}) {
  const refs = { checkout_request_id: "ws_CO_1" };
  const entry = { outcome: "pending", amount: "50", phone: "254712345678", receipt: "TJIKQ7V33N" } as const;
  server.ledger.add("ws_CO_1", { ...entry, steps: [] });
  return rec.register(daraja, { refs, amount: kes(5000), ...more });
}
const paid = () =>
  heard(
    daraja,
    learnt("completed", {
      identity: ["checkout_request_id:ws_CO_1"],
      refs: { checkout_request_id: "ws_CO_1" },
      amount: kes(5000),
    }),
  );

test("asking that ended without an answer is unresolved, told and up for a review, and asked no more", async () => {
  await registered();
  await rec.age(daraja, 172_801);
  expect(await pass()).toMatchObject({ polled: 1, pending: 0, unresolved: 1, settled: 0 });
  expect(await only()).toMatchObject({
    status: "unresolved",
    statusSource: "schedule",
    review: { reason: "unresolved" },
  });
  expect(await types()).toEqual(["payment.unresolved", "transaction.review_required"]);
  expect(await places()).toBe(0);
  await rec.age(daraja, 86_400);
  expect(await pass()).toMatchObject({ polled: 0, unresolved: 0 });
  expect(asked()).toBe(1);
});

test("a callback a day after giving up still settles, and closes the review", async () => {
  await registered();
  await rec.age(daraja, 172_801);
  await pass();
  await rec.age(daraja, 86_400);
  await rec.settle(paid());
  expect(await only()).toMatchObject({ status: "completed", statusSource: "callback", review: null });
  expect(await types()).toEqual([
    "payment.unresolved",
    "transaction.review_required",
    "payment.completed",
    "transaction.review_closed",
  ]);
  expect((await toldOf(database.sql, await only())).map(e => e.correction)).toEqual([false, false, false, false]);
});

test("giving up waits for nobody: paused, throttled or unavailable, it ends unresolved", async () => {
  await registered();
  server.ledger.outage({ do: "throttle", as: "json", retryAfterS: 3600 });
  await rec.age(daraja, 31);
  expect(await pass()).toMatchObject({ rate_limited: 1 });
  await database.sql`update connection_pace set paused_until = now() + interval '9 days' where connection_id = ${daraja.id}`;
  await rec.age(daraja, 172_801);
  expect(await pass()).toMatchObject({ polled: 0, unresolved: 1 });
  expect(await only()).toMatchObject({ status: "unresolved" });
});

test("kinds that cannot be asked about wait for callbacks, and end unresolved when their time has come", async () => {
  const t = await rec.register(daraja, { kind: "b2c", refs: { conversation_id: "AG_1" }, amount: kes(5000) });
  await rec.age(daraja, 172_700);
  expect(await pass()).toMatchObject({ polled: 0, unresolved: 0, rate_limited: 0 });
  await rec.age(daraja, 200);
  expect(await pass()).toMatchObject({ polled: 0, unresolved: 1 });
  expect((await toldOf(database.sql, t)).map(e => e.type)).toEqual([
    "payout.unresolved",
    "transaction.review_required",
  ]);
  expect(asked()).toBe(0);
});

test("what expires is asked once more, and then it is expired by the schedule", async () => {
  await registered({ expiresAt: new Date(Date.now() + 45_000) });
  await rec.age(daraja, 31);
  expect(await pass()).toMatchObject({ polled: 1, pending: 1 });
  await rec.age(daraja, 15);
  expect(await pass()).toMatchObject({ polled: 1, settled: 1, pending: 0, unresolved: 0 });
  expect(await only()).toMatchObject({ status: "expired", statusSource: "schedule", review: null });
  expect(await types()).toEqual(["payment.expired"]);
  expect(asked()).toBe(2);
  expect(await places()).toBe(0);
});

test("what turns out paid at the last question is completed, not expired", async () => {
  await registered({ expiresAt: new Date(Date.now() + 45_000) });
  server.ledger.settle("ws_CO_1", "completed");
  await rec.age(daraja, 46);
  expect(await pass()).toMatchObject({ polled: 1, settled: 1 });
  expect(await types()).toEqual(["payment.completed"]);
});

test("a success after it expired is a correction", async () => {
  await registered({ expiresAt: new Date(Date.now() - 1000) });
  await pass();
  await rec.settle(paid());
  const told = await toldOf(database.sql, await only());
  expect(told.map(e => [e.type, e.correction])).toEqual([
    ["payment.expired", false],
    ["payment.completed", true],
  ]);
});

test("what cannot be asked expires without a question", async () => {
  await rec.register(daraja, { reference: "ORDER-1", expiresAt: new Date(Date.now() - 1000) });
  expect(await pass()).toMatchObject({ polled: 0, settled: 1 });
  expect(await only()).toMatchObject({ status: "expired", statusSource: "schedule" });
  expect(asked()).toBe(0);
});

test("a throttled last question is waited for before anything expires", async () => {
  await registered({ expiresAt: new Date(Date.now() - 1000) });
  server.ledger.outage({ do: "throttle", as: "nothing" });
  expect(await pass()).toMatchObject({ polled: 0, settled: 0, rate_limited: 1 });
  expect(await pass()).toMatchObject({ polled: 0, settled: 0, rate_limited: 1 });
  expect(await only()).toMatchObject({ status: "pending" });
  server.ledger.outage(null);
  await rec.age(daraja, 31);
  expect(await pass()).toMatchObject({ polled: 1, settled: 1 });
  expect(await only()).toMatchObject({ status: "expired" });
});

test("an allowance that is spent is waited for too", async () => {
  daraja = await made({ reconcile: { rate_per_minute: 1 } });
  await registered({ expiresAt: new Date(Date.now() - 1000) });
  server.ledger.add("ws_CO_2", {
    outcome: "pending",
    amount: "50",
    phone: "254712345678",
    receipt: "TJIKQ7V33P",
    steps: [],
  });
  await rec.register(daraja, { refs: { checkout_request_id: "ws_CO_2" }, expiresAt: new Date(Date.now() - 1000) });
  expect(await pass()).toMatchObject({ polled: 1, settled: 1, rate_limited: 1 });
  await rec.age(daraja, 62);
  expect(await pass()).toMatchObject({ polled: 1, settled: 1, rate_limited: 0 });
});

test("no answer to the last question is no reason to wait any longer", async () => {
  await registered({ expiresAt: new Date(Date.now() - 1000) });
  server.ledger.outage({ do: "break", status: 500 });
  expect(await pass()).toMatchObject({ errors: 1, settled: 1 });
  expect(await only()).toMatchObject({ status: "expired" });
});

test("where credentials are refused nothing can be asked: it expires", async () => {
  daraja = await connection(database.sql, duka, {
    credentials: { ...credentials, consumer_secret: "wrong" },
    baseUrl: server.url,
  });
  await registered({ expiresAt: new Date(Date.now() - 1000) });
  expect(await pass()).toMatchObject({ errors: 1, settled: 1 });
  expect(await only()).toMatchObject({ status: "expired" });
});

test("what is unresolved before it expires, expires still", async () => {
  daraja = await made({ reconcile: { schedule_s: [5], give_up_after_s: 10 } });
  await registered({ expiresAt: new Date(Date.now() + 60_000) });
  await rec.age(daraja, 11);
  expect(await pass()).toMatchObject({ polled: 1, unresolved: 1 });
  await rec.age(daraja, 60);
  expect(await pass()).toMatchObject({ polled: 1, settled: 1 });
  expect(await only()).toMatchObject({ status: "expired", review: null });
});

test("the worker ends what has expired without a pass, after a last question", async () => {
  const worker = startReconcileWorker(rec.deps);
  await registered({ expiresAt: new Date(Date.now() - 1000) });
  await worker.look();
  expect(await only()).toMatchObject({ status: "expired", statusSource: "schedule" });
  expect(asked()).toBe(1);
  await worker.drain();
});

test("a deleted connection is not asked; its transactions end by the schedule", async () => {
  await registered();
  await database.sql`update connections set deleted_at = now() where id = ${daraja.id}`;
  await rec.age(daraja, 172_801);
  expect(await pass()).toMatchObject({ polled: 0, unresolved: 1 });
  expect(asked()).toBe(0);
});
