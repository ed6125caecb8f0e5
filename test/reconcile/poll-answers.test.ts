import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { ProviderRefs } from "../../src/domain/kinds.ts";
import { simulateAfricasTalking } from "../../src/providers/africastalking/simulator/server.ts";
import { simulateDaraja } from "../../src/providers/daraja/simulator/server.ts";
import { simulateKodipay } from "../../src/providers/kodipay/simulator/server.ts";
import { simulateKyanda } from "../../src/providers/kyanda/simulator/server.ts";
import type { ScriptOutcome, ScriptStep } from "../../src/simulator/script.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { kes, learnt } from "../support/evidence.ts";
import { connection, merchant, type TestConnection, type TestMerchant } from "../support/fixtures.ts";
import { type Reconciling, reconciling } from "../support/reconciling.ts";
import { heard, standing, toldOf } from "../support/settling.ts";

let database: TestDatabase;
let duka: TestMerchant;
let rec: Reconciling;
const servers: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  database = await testDatabase();
  duka = await merchant(database.sql);
  rec = reconciling(database.sql);
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.close()));
});

afterAll(async () => {
  await rec.close();
  await database.drop();
});

const phone = "254712345678";
const amount = kes(5000);

/** A push at a simulated Daraja that answers as `steps` say, and then the truth. */
async function push(steps: ScriptStep[], outcome: ScriptOutcome = "completed") {
  const server = await simulateDaraja();
  servers.push(server);
  const credentials = { consumer_key: "key", consumer_secret: "secret", shortcode: "174379", passkey: "passkey" };
  const daraja = await connection(database.sql, duka, { credentials, baseUrl: server.url });
  server.ledger.add("ws_CO_1", { outcome, steps, amount: "50", phone, receipt: "TJIKQ7V33N" });
  await rec.register(daraja, { refs: { checkout_request_id: "ws_CO_1" }, amount });
  return { server, daraja };
}

const pass = (c: TestConnection) => rec.pass({ connectionId: c.id });
const only = async (c: TestConnection) => (await standing(database.sql, c))[0]!;

async function place(c: TestConnection) {
  const [row] = await database.sql<{ tries: number; failures: number; due_in: number }[]>`
    select tries, failures, extract(epoch from due_at - now())::float8 as due_in
    from poll_queue where shard = ${c.shard} and connection_id = ${c.id}`;
  return row;
}

const raw = (status: number, body: object | string): ScriptStep => ({ do: "raw", status, body });
const daraja = (errorCode: string, errorMessage: string) => ({ requestId: "1-1-1", errorCode, errorMessage });
const result = (ResultCode: string) => ({
  ResponseCode: "0",
  ResponseDescription: "Accepted",
  MerchantRequestID: "1-1-1",
  CheckoutRequestID: "ws_CO_1",
  ResultCode,
  ResultDesc: "said so",
});

const answered: [string, ScriptStep][] = [
  ["4999", raw(200, result("4999"))],
  ["an unknown code", raw(200, result("777"))],
  ["500.001.1001, being processed", raw(500, daraja("500.001.1001", "The transaction is being processed"))],
  ["500.001.1001 without a message", raw(500, daraja("500.001.1001", ""))],
  ["400.002.02, asked too early", raw(400, daraja("400.002.02", "Bad Request - Invalid CheckoutRequestID"))],
  ["The transaction does not Exist", raw(400, daraja("400.002.02", "The transaction does not Exist"))],
];

test.each(answered)("a push answered with %s stays pending and is asked again at the next slot", async (_, step) => {
  const { server, daraja: c } = await push([step]);
  await rec.age(c, 31);
  expect(await pass(c)).toMatchObject({ polled: 1, pending: 1, settled: 0, errors: 0 });
  expect(await only(c)).toMatchObject({ status: "pending", review: null });
  const waiting = await place(c);
  expect(waiting).toMatchObject({ tries: 1, failures: 0 });
  expect(waiting!.due_in).toBeGreaterThan(25);
  expect(waiting!.due_in).toBeLessThan(30);
  expect(await pass(c)).toMatchObject({ polled: 0 });
  await rec.age(c, 30);
  expect(await pass(c)).toMatchObject({ polled: 1, settled: 1 });
  expect(server.calls.filter(call => call.what === "status")).toHaveLength(2);
});

const throttling: [string, ScriptStep, number][] = [
  ["a spike arrest", { do: "throttle", as: "spike-arrest" }, 30],
  ["a spike arrest with Retry-After", { do: "throttle", as: "spike-arrest", retryAfterS: 7 }, 7],
  ["500.003.02", { do: "throttle", as: "json" }, 30],
  ["an empty 429", { do: "throttle" }, 30],
];

test.each(throttling)("%s pauses the connection and spends no try", async (_, step, pauseS) => {
  const { server, daraja: c } = await push([step]);
  await rec.age(c, 31);
  expect(await pass(c)).toMatchObject({ polled: 0, errors: 0, rate_limited: 1 });
  expect(await place(c)).toMatchObject({ tries: 0, failures: 0 });
  expect(await pass(c)).toMatchObject({ polled: 0, rate_limited: 1 });
  await rec.age(c, pauseS - 2);
  expect(await pass(c)).toMatchObject({ polled: 0, rate_limited: 1 });
  await rec.age(c, 3);
  expect(await pass(c)).toMatchObject({ polled: 1, settled: 1 });
  expect(server.calls.filter(call => call.what === "status")).toHaveLength(2);
});

const silent: [string, ScriptStep[], number][] = [
  ["a page of HTML with 500", [{ do: "break", status: 500 }], 1],
  ["200 with HTML", [raw(200, "<html>Incapsula</html>")], 1],
  ["200 with nothing", [raw(200, "")], 1],
  ["three broken connections in a row", [{ do: "cut" }, { do: "cut" }, { do: "cut" }], 3],
  ["three gateway time-outs in a row", [504, 503, 502].map(status => ({ do: "break", status }) as ScriptStep), 3],
];

test.each(silent)("%s is no answer: no try is spent, and it is asked again soon", async (_, steps, calls) => {
  const { server, daraja: c } = await push(steps);
  await rec.age(c, 31);
  expect(await pass(c)).toMatchObject({ polled: 0, errors: 1, rate_limited: 0 });
  expect(server.calls.filter(call => call.what === "status")).toHaveLength(calls);
  expect(await only(c)).toMatchObject({ status: "pending", review: null });
  expect(await place(c)).toMatchObject({ tries: 0, failures: 1 });
  await rec.age(c, 31);
  expect(await pass(c)).toMatchObject({ polled: 1, settled: 1 });
});

test("one gateway error within an attempt is tried again within the attempt", async () => {
  const { daraja: c } = await push([{ do: "break", status: 502 }, { do: "cut" }]);
  await rec.age(c, 31);
  expect(await pass(c)).toMatchObject({ polled: 1, settled: 1, errors: 0 });
});

test("a provider that hangs is given up, and asked again", async () => {
  const { daraja: c } = await push([{ do: "hang" }]);
  await rec.age(c, 31);
  const { egress } = rec.deps;
  const impatient = reconciling(database.sql, { egress: { send: r => egress.send({ ...r, timeoutMs: 300 }) } });
  expect(await impatient.pass({ connectionId: c.id })).toMatchObject({ polled: 0, errors: 1 });
  await impatient.close();
  expect(await place(c)).toMatchObject({ tries: 0, failures: 1 });
});

test("a query's failure is asked about once more, past the prompt's life, before it is believed", async () => {
  const { daraja: c } = await push([], "failed");
  await rec.age(c, 31);
  expect(await pass(c)).toMatchObject({ polled: 1, pending: 1 });
  expect(await only(c)).toMatchObject({ status: "pending", review: null });
  await rec.age(c, 30);
  expect(await pass(c)).toMatchObject({ polled: 1, pending: 1 });
  expect(await only(c)).toMatchObject({ status: "pending" });
  await rec.age(c, 30);
  expect(await pass(c)).toMatchObject({ polled: 1, settled: 1 });
  const t = await only(c);
  expect(t).toMatchObject({ status: "failed", statusSource: "poll", result: { code: "1032" } });
  expect((await toldOf(database.sql, t)).map(e => e.type)).toEqual(["payment.failed"]);
});

test("a failure heard first in the hours is asked about again within the minute, not at the next slot", async () => {
  const { daraja: c } = await push([], "failed");
  await rec.age(c, 50_000);
  expect(await pass(c)).toMatchObject({ polled: 1, pending: 1 });
  expect((await place(c))!.due_in).toBeLessThan(31);
  await rec.age(c, 31);
  expect(await pass(c)).toMatchObject({ polled: 1, settled: 1 });
});

test("a failure that turns out to be a success was never told as a failure", async () => {
  const { daraja: c } = await push([{ do: "say", outcome: "failed" }], "completed");
  await rec.age(c, 31);
  await pass(c);
  await rec.age(c, 60);
  expect(await pass(c)).toMatchObject({ settled: 1 });
  expect((await toldOf(database.sql, await only(c))).map(e => e.type)).toEqual(["payment.completed"]);
});

test("an answer that comes while a callback settles is kept: against a success it is a conflict", async () => {
  const failed: ScriptStep = { do: "say", outcome: "failed" };
  const { server, daraja: c } = await push([failed, { do: "late", ms: 300, step: failed }]);
  const identity = ["checkout_request_id:ws_CO_1", "receipt:TJIKQ7V33N"];
  await rec.age(c, 100);
  await pass(c);
  await rec.age(c, 31);
  const asking = pass(c);
  await server.until(calls => calls.filter(call => call.what === "status").length === 2);
  await rec.settle(heard(c, learnt("completed", { identity, refs: { receipt: "TJIKQ7V33N" }, amount })));
  expect(await only(c)).toMatchObject({ status: "completed", review: null });
  expect(await asking).toMatchObject({ polled: 1, settled: 1 });
  expect(await only(c)).toMatchObject({ status: "completed", review: { reason: "conflict" } });
  expect(await place(c)).toBeUndefined();
});

test("a token that the provider refuses is fetched anew once, within the attempt", async () => {
  const { server, daraja: c } = await push([{ do: "refuse-token" }]);
  await rec.age(c, 31);
  expect(await pass(c)).toMatchObject({ polled: 1, settled: 1 });
  expect(server.tokens.issued()).toBe(2);
});

test("a token refused twice pauses the connection, and spends no try", async () => {
  const { server, daraja: c } = await push([{ do: "refuse-token" }, { do: "refuse-token" }]);
  await rec.age(c, 31);
  expect(await pass(c)).toMatchObject({ polled: 0, errors: 1 });
  expect(server.tokens.issued()).toBe(2);
  expect(await place(c)).toMatchObject({ tries: 0 });
  expect(await pass(c)).toMatchObject({ polled: 0, rate_limited: 1 });
  const [pace] = await database.sql`select pause_reason from connection_pace where connection_id = ${c.id}`;
  expect(pace).toEqual({ pause_reason: "credentials" });
  await database.sql`update connections set updated_at = now() where id = ${c.id}`;
  expect(await pass(c)).toMatchObject({ polled: 1, settled: 1 });
});

const others: [string, string, ProviderRefs, Record<string, string>, () => Promise<{ url: string }>][] = [
  [
    "kyanda",
    "mobile_payout",
    { transaction_ref: "MP-1" },
    { merchant_id: "MERCHANT", api_key: "api-key" },
    async () => {
      const server = await simulateKyanda();
      servers.push(server);
      const steps: ScriptStep[] = [
        { do: "say", outcome: "pending" },
        { do: "deny" },
        raw(200, { status: "200", details: { Status: "Odd", status_code: "5000" } }),
      ];
      server.ledger.add("MP-1", { outcome: "completed", steps, amount: "50", phone });
      return server;
    },
  ],
  [
    "kodipay",
    "checkout",
    { order_number: "20260415A7K9P2XM1140" },
    { client_id: "client", client_secret: "client-secret" },
    async () => {
      const server = await simulateKodipay();
      servers.push(server);
      const steps: ScriptStep[] = [{ do: "say", outcome: "pending" }, { do: "deny" }, raw(200, { status: "odd" })];
      server.ledger.add("20260415A7K9P2XM1140", { outcome: "completed", steps, amount: "50.00", currency: "KES" });
      return server;
    },
  ],
  [
    "africastalking",
    "airtime",
    { request_id: "ATQid_1" },
    { username: "sandbox", api_key: "api-key" },
    async () => {
      const server = await simulateAfricasTalking();
      servers.push(server);
      const steps: ScriptStep[] = [{ do: "say", outcome: "pending" }, { do: "deny" }, raw(200, { status: "Sent" })];
      server.ledger.add("ATQid_1", { outcome: "completed", steps, phone, amount: "KES 50.0000" } as never);
      return server;
    },
  ],
];

test.each(others)(
  "%s: what is not final leaves it open, slot after slot",
  async (provider, kind, refs, credentials, simulate) => {
    const { url } = await simulate();
    const c = await connection(database.sql, duka, { provider, credentials, baseUrl: url });
    await rec.register(c, { kind: kind as never, refs, amount });
    for (const [tries, seconds] of [31, 30, 30].entries()) {
      await rec.age(c, seconds);
      expect(await pass(c)).toMatchObject({ polled: 1, pending: 1, errors: 0 });
      expect(["pending", "processing"]).toContain((await only(c)).status);
      expect(await place(c)).toMatchObject({ tries: tries + 1 });
    }
    await rec.age(c, 30);
    expect(await pass(c)).toMatchObject({ polled: 1, settled: 1 });
  },
);

test("kyanda: an answer that contradicts itself asks for a review, until another settles", async () => {
  const server = await simulateKyanda();
  servers.push(server);
  const torn = raw(200, { status: "200", details: { Status: "Success", status_code: "1107", Amount: "50" } });
  server.ledger.add("MP-1", { outcome: "completed", steps: [torn], amount: "50", phone });
  const credentials = { merchant_id: "MERCHANT", api_key: "api-key" };
  const c = await connection(database.sql, duka, { provider: "kyanda", credentials, baseUrl: server.url });
  await rec.register(c, { kind: "mobile_payout", refs: { transaction_ref: "MP-1" }, amount });
  await rec.age(c, 31);
  expect(await pass(c)).toMatchObject({ polled: 1, pending: 1 });
  expect(await only(c)).toMatchObject({ status: "pending", review: { reason: "conflict" } });
  await rec.age(c, 30);
  await pass(c);
  const t = await only(c);
  expect(t).toMatchObject({ status: "completed", review: null });
  expect((await toldOf(database.sql, t)).map(e => e.type)).toEqual([
    "transaction.review_required",
    "payout.completed",
    "transaction.review_closed",
  ]);
});
