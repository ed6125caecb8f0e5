import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type SimulatedDaraja, simulateDaraja } from "../../src/providers/daraja/simulator/server.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { callbackSays, kes } from "../support/evidence.ts";
import { connection, merchant, type TestConnection, type TestMerchant } from "../support/fixtures.ts";
import { type Reconciling, reconciling } from "../support/reconciling.ts";
import { eventsOf, evidenceItem, remainingTransactions } from "../support/settling.ts";

let database: TestDatabase;
let duka: TestMerchant;
let rec: Reconciling;
let server: SimulatedDaraja;
let daraja: TestConnection;

beforeAll(async () => {
  database = await testDatabase();
  duka = await merchant(database.sql);
  rec = reconciling(database.sql);
});

beforeEach(async () => {
  server = await simulateDaraja({ pageRows: 2 });
  daraja = await made();
});

afterAll(async () => {
  await rec.close();
  await database.drop();
});

const credentials = { consumer_key: "key", consumer_secret: "secret", shortcode: "174379" };
const made = (pull = true, more = credentials as Record<string, string>) =>
  connection(database.sql, duka, { credentials: more, baseUrl: server.url, settings: { reconcile: { pull } } });
const pass = () => rec.pass({ connectionId: daraja.id });
const pulls = () => server.calls.filter(call => call.what === "pull").length;
/** Windows are told in whole seconds: what was paid within this one is on the next statement. */
const ago = (hours: number) => new Date(Date.now() - hours * 3600 * 1000 - 1000);
const paid = (n: number, hours: number) =>
  server.statements.push({
    receipt: `TJIKQ7V3${n}`,
    at: ago(hours),
    amount: "50",
    phone: "254712345678",
    reference: `ORDER-${n}`,
  });

test("payments that nobody told us of appear, page after page, told once", async () => {
  for (let n = 0; n < 5; n += 1) paid(n, n);
  expect(await pass()).toMatchObject({ polled: 0, settled: 5, errors: 0, rate_limited: 0 });
  const left = await remainingTransactions(database.sql, daraja);
  expect(left.map(t => [t.kind, t.status, t.statusSource, t.refs.receipt]).sort()).toEqual(
    [0, 1, 2, 3, 4].map(n => ["c2b", "completed", "statement", `TJIKQ7V3${n}`]),
  );
  for (const t of left) expect((await eventsOf(database.sql, t)).map(e => e.type)).toEqual(["payment.completed"]);
  expect(pulls()).toBe(4);
  await server.close();
});

test("the first is at once, the next an hour later, each an hour further back than the last one's end", async () => {
  await pass();
  await pass();
  expect(pulls()).toBe(1);
  await rec.age(daraja, 3500);
  await pass();
  expect(pulls()).toBe(1);
  paid(1, 0.9);
  await rec.age(daraja, 101);
  await pass();
  expect(pulls()).toBe(3);
  expect(await remainingTransactions(database.sql, daraja)).toHaveLength(1);
  await server.close();
});

test("what a callback told already is the same payment, and told no more", async () => {
  paid(1, 1);
  const of = { kind: "c2b", refs: { receipt: "TJIKQ7V31" }, amount: kes(5000) } as const;
  await rec.settle(evidenceItem(daraja, callbackSays("completed", { ...of, identity: ["receipt:TJIKQ7V31"] })));
  expect(await pass()).toMatchObject({ settled: 0 });
  const [only, ...others] = await remainingTransactions(database.sql, daraja);
  expect(others).toEqual([]);
  expect((await eventsOf(database.sql, only!)).map(e => e.type)).toEqual(["payment.completed"]);
  await server.close();
});

test("a statement settles the push it paid, known by what the payer typed", async () => {
  paid(1, 0);
  await rec.register(daraja, { refs: { checkout_request_id: "ws_CO_1" }, reference: "order-1", amount: kes(5000) });
  await pass();
  const left = await remainingTransactions(database.sql, daraja);
  expect(left.map(t => [t.kind, t.status, t.statusSource])).toEqual([["stk_push", "completed", "statement"]]);
  await server.close();
});

test("what was asked in vain and then stood on a statement is counted once, as settled", async () => {
  daraja = await made(true, { ...credentials, passkey: "passkey" });
  paid(1, 0);
  await rec.register(daraja, { refs: { checkout_request_id: "ws_CO_1" }, reference: "order-1", amount: kes(5000) });
  await rec.age(daraja, 40);
  expect(await pass()).toMatchObject({ polled: 1, settled: 1, pending: 0, errors: 0 });
  await server.close();
});

test("an empty statement proves nothing", async () => {
  await rec.register(daraja, { refs: { checkout_request_id: "ws_CO_1" }, amount: kes(5000) });
  expect(await pass()).toMatchObject({ errors: 0, settled: 0 });
  expect(await remainingTransactions(database.sql, daraja)).toMatchObject([{ status: "pending", review: null }]);
  await server.close();
});

test("a pull that breaks off begins again where it was, within minutes", async () => {
  for (let n = 0; n < 3; n += 1) paid(n, n);
  server.tokens.instead.push({ status: 500, body: {} });
  expect(await pass()).toMatchObject({ errors: 1 });
  const [cursor] = await database.sql`select pulled_to from pull_cursors where connection_id = ${daraja.id}`;
  expect(cursor).toEqual({ pulled_to: null });
  await rec.age(daraja, 301);
  expect(await pass()).toMatchObject({ errors: 0 });
  expect(await remainingTransactions(database.sql, daraja)).toHaveLength(3);
  await server.close();
});

test("passes that overlap pull once", async () => {
  paid(1, 1);
  await Promise.all([pass(), pass(), pass()]);
  expect(pulls()).toBe(2);
  await server.close();
});

test("nothing is pulled where it is not wanted, or cannot be had", async () => {
  daraja = await made(false);
  await pass();
  daraja = await made(true, { shortcode: "174379" });
  expect(await pass()).toMatchObject({ errors: 0 });
  expect(server.calls).toEqual([]);
  await server.close();
});
