import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { ConnectionSettings } from "../../src/connections/settings.ts";
import { type ReconcileWorker, startReconcileWorker } from "../../src/reconcile/worker.ts";
import { type SimulatedDaraja, simulateDaraja } from "../../src/simulator/servers/daraja.ts";
import { simulateKodipay } from "../../src/simulator/servers/kodipay.ts";
import type { ScriptStep } from "../../src/simulator/servers/script.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { kes, learnt, polled } from "../support/evidence.ts";
import { connection, merchant, type TestConnection, type TestMerchant } from "../support/fixtures.ts";
import { type Reconciling, reconciling } from "../support/reconciling.ts";
import { apart, heard, standing, toldOf } from "../support/settling.ts";

let database: TestDatabase;
let duka: TestMerchant;
let rec: Reconciling;
let server: SimulatedDaraja;
let daraja: TestConnection;
let worker: ReconcileWorker;

beforeAll(async () => {
  [database, server] = await Promise.all([testDatabase(), simulateDaraja()]);
  duka = await merchant(database.sql);
  rec = reconciling(database.sql);
});

beforeEach(async () => {
  server.calls.splice(0);
  worker = startReconcileWorker(rec.deps);
  daraja = await made();
});

afterEach(() => worker.drain());

afterAll(async () => {
  await rec.close();
  await server.close();
  await database.drop();
});

const credentials = { consumer_key: "key", consumer_secret: "secret", shortcode: "174379", passkey: "passkey" };
const made = (settings: ConnectionSettings = {}) =>
  connection(database.sql, duka, { credentials, baseUrl: server.url, settings });
const only = async () => (await standing(database.sql, daraja))[0]!;
const statusCalls = () => server.calls.filter(call => call.what === "status");
const types = async () => (await toldOf(database.sql, await only())).map(e => e.type);
const entry = (steps: ScriptStep[] = [], outcome: "completed" | "pending" = "completed") =>
  server.ledger.add("ws_CO_1", { outcome, steps, amount: "50", phone: "254712345678", receipt: "TJIKQ7V33N" });

const identity = ["checkout_request_id:ws_CO_1", "receipt:TJIKQ7V33N"];
const refs = { checkout_request_id: "ws_CO_1", receipt: "TJIKQ7V33N" };
const paid = (amount = kes(5000)) => heard(daraja, learnt("completed", { identity, refs, amount }));

test("a success about what nobody registered is asked about at once, without a pass, and settles by the answer", async () => {
  entry();
  await rec.settle(paid());
  expect(await only()).toMatchObject({ status: "pending", review: null });
  await worker.look();
  expect(await only()).toMatchObject({ status: "completed", statusSource: "poll", registered: false });
  expect(await types()).toEqual(["payment.pending", "payment.completed"]);
  expect(statusCalls()).toHaveLength(1);
});

test("a forged success settles nothing: the provider does not know of it", async () => {
  server.ledger.add("ws_CO_1", { outcome: "pending", amount: "50", phone: "254712345678", receipt: "X", steps: [] });
  await rec.settle(paid());
  await worker.look();
  expect(await only()).toMatchObject({ status: "pending" });
  expect(await types()).toEqual(["payment.pending"]);
  await worker.look();
  expect(statusCalls()).toHaveLength(1);
});

test("from confirm_above on a callback's success is asked about before it is believed", async () => {
  daraja = await made({ confirm_above: "50.00" });
  entry();
  await rec.register(daraja, { refs: { checkout_request_id: "ws_CO_1" }, amount: kes(5000) });
  await rec.settle(paid());
  expect(await only()).toMatchObject({ status: "pending" });
  await worker.look();
  expect(await only()).toMatchObject({ status: "completed", statusSource: "poll" });
});

test("each callback rings once; what the answer says does not ring again", async () => {
  daraja = await made({ settle_on: "proof" });
  entry([], "pending");
  await rec.settle(paid());
  await worker.look();
  await worker.look();
  expect(statusCalls()).toHaveLength(1);
  await rec.settle(heard(daraja, apart(paid().evidence[0]!, 2)));
  await worker.look();
  expect(statusCalls()).toHaveLength(2);
});

test("a ring while the question is under way is a question of its own", async () => {
  daraja = await made({ settle_on: "proof" });
  entry([{ do: "late", ms: 300, step: { do: "say", outcome: "pending" } }]);
  await rec.settle(paid());
  const looking = worker.look();
  await server.until(calls => calls.some(call => call.what === "status"));
  await rec.settle(heard(daraja, apart(paid().evidence[0]!, 2)));
  await looking;
  await worker.look();
  expect(await only()).toMatchObject({ status: "completed", statusSource: "poll" });
  expect(statusCalls()).toHaveLength(2);
});

test("a refund heard below the bar is asked about although the payment is settled", async () => {
  const kodi = await simulateKodipay();
  kodi.ledger.add("ORDER", { outcome: "refunded", amount: "50.00", currency: "KES", steps: [] });
  daraja = await connection(database.sql, duka, {
    provider: "kodipay",
    credentials: { client_id: "client", client_secret: "client-secret" },
    baseUrl: kodi.url,
    settings: { settle_on: "proof" },
  });
  const order = { kind: "checkout", identity: ["order_number:ORDER"], refs: { order_number: "ORDER" } } as const;
  const of = { ...order, identity: [...order.identity] };
  await rec.settle(heard(daraja, polled("completed", of)));
  await rec.settle(heard(daraja, learnt("refunded", of)));
  expect(await only()).toMatchObject({ status: "completed" });
  await worker.look();
  expect(await only()).toMatchObject({ status: "refunded", statusSource: "poll" });
  const [left] = await database.sql`select count(*)::int4 as count from poll_queue where connection_id = ${daraja.id}`;
  expect(left).toEqual({ count: 0 });
  await kodi.close();
});

test("what a stopped process was asking is asked by another, and its late answer changes nothing", async () => {
  entry([{ do: "late", ms: 400, step: { do: "say", outcome: "failed" } }]);
  await rec.register(daraja, { refs: { checkout_request_id: "ws_CO_1" }, amount: kes(5000) });
  await rec.age(daraja, 31);
  const stopped = rec.pass({ connectionId: daraja.id });
  await server.until(calls => calls.some(call => call.what === "status"));
  // As if it had been stopped for longer than its lease.
  await database.sql`update poll_queue set due_at = now() - interval '1 second' where connection_id = ${daraja.id}`;
  await worker.look();
  expect(await only()).toMatchObject({ status: "completed", statusSource: "poll" });
  expect(await stopped).toMatchObject({ polled: 0, settled: 0, already_running: 1 });
  const evidence = await database.sql`
    select says from evidence e join transactions t on t.id = e.transaction_id where t.connection_id = ${daraja.id}`;
  expect(evidence.map(e => e.says)).toEqual(["completed"]);
});

test("an urgent question without an answer is asked again by the worker", async () => {
  entry([{ do: "break", status: 500 }]);
  await rec.settle(paid());
  await worker.look();
  expect(await only()).toMatchObject({ status: "pending" });
  await rec.age(daraja, 31);
  await worker.look();
  expect(await only()).toMatchObject({ status: "completed" });
});

test("an answer that the database refuses costs no other its answer, and is not asked for again at once", async () => {
  const poisoned = "\u0000";
  entry();
  const t = await rec.register(daraja, { refs: { checkout_request_id: "ws_CO_1" }, amount: kes(5000) });
  server.ledger.add("ws_CO_2", { outcome: "completed", amount: "50", phone: "254712345678", receipt: "T2", steps: [] });
  await rec.register(daraja, { refs: { checkout_request_id: "ws_CO_2" }, amount: kes(5000) });
  await rec.age(daraja, 31);
  const { settle } = rec.deps;
  const strict = reconciling(database.sql, {
    settle: (shard, item) => {
      const evidence = item.evidence.map(e => ({ ...e, details: { note: poisoned } }));
      return settle(shard, item.target === t.id ? { ...item, evidence } : item);
    },
  });
  expect(await strict.pass({ connectionId: daraja.id })).toMatchObject({ polled: 1, settled: 1, errors: 1 });
  expect(await strict.pass({ connectionId: daraja.id })).toMatchObject({ polled: 0, errors: 0 });
  await rec.age(daraja, 31);
  expect(await rec.pass({ connectionId: daraja.id })).toMatchObject({ polled: 1, settled: 1 });
  await strict.close();
});
