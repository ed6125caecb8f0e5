import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { ConnectionSettings } from "../../src/connections/settings.ts";
import { pollNow } from "../../src/reconcile/poll/poll-now.ts";
import { resolveByOperator } from "../../src/settle/resolve.ts";
import { mostAtOnce } from "../../src/simulator/servers/count-calls.ts";
import { type SimulatedDaraja, simulateDaraja } from "../../src/simulator/servers/daraja.ts";
import type { ScriptStep } from "../../src/simulator/servers/script.ts";
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
const statusCalls = () => server.calls.filter(call => call.what === "status");
const only = async () => (await standing(database.sql, daraja))[0]!;
const places = async () => await database.sql`select * from poll_queue where connection_id = ${daraja.id}`;

async function push(steps: ScriptStep[] = [], outcome: "completed" | "pending" = "completed") {
  server.ledger.add("ws_CO_1", { outcome, steps, amount: "50", phone: "254712345678", receipt: "TJIKQ7V33N" });
  const t = await rec.register(daraja, { refs: { checkout_request_id: "ws_CO_1" }, amount: kes(5000) });
  return { shard: t.shard, transactionId: t.id };
}

test("a transaction is asked about when somebody wants to know, and settles by the answer", async () => {
  const it = await push();
  expect(await pollNow(rec.deps, it)).toEqual({ kind: "polled" });
  expect(await only()).toMatchObject({ status: "completed", statusSource: "poll" });
  expect(await places()).toEqual([]);
});

test("asking by hand is a try, and moves no slot", async () => {
  const it = await push([], "pending");
  const [before] = await places();
  expect(await pollNow(rec.deps, it)).toEqual({ kind: "polled" });
  expect(await places()).toMatchObject([{ tries: 1, due_at: before!.due_at, ready: false, lease_id: null }]);
});

test("what is finished can be asked about too; the answer is evidence, and no place is left behind", async () => {
  const it = await push();
  await pollNow(rec.deps, it);
  expect(await pollNow(rec.deps, it)).toEqual({ kind: "polled" });
  expect(statusCalls()).toHaveLength(2);
  expect(await places()).toEqual([]);
});

test("what has no status call, or lacks what it takes, says so", async () => {
  const t = await rec.register(daraja, { kind: "b2c", refs: { conversation_id: "AG_1" } });
  const b2c = await pollNow(rec.deps, { shard: t.shard, transactionId: t.id });
  expect(b2c).toMatchObject({ kind: "unsupported", detail: expect.stringMatching(/initiator_name/) });
  const without = await rec.register(daraja, { reference: "ORDER-1" });
  const push = await pollNow(rec.deps, { shard: without.shard, transactionId: without.id });
  expect(push).toMatchObject({ kind: "unsupported", detail: expect.stringMatching(/checkout_request_id/) });
});

test("a spent allowance says when to come again", async () => {
  daraja = await made({ reconcile: { rate_per_minute: 1 } });
  const it = await push([], "pending");
  expect(await pollNow(rec.deps, it)).toEqual({ kind: "polled" });
  const second = await pollNow(rec.deps, it);
  expect(second).toMatchObject({ kind: "throttled" });
  expect((second as { retryAfterS: number }).retryAfterS).toBeGreaterThan(55);
  expect(statusCalls()).toHaveLength(1);
});

test("a provider that throttles says so, and is left alone for as long", async () => {
  const it = await push([{ do: "throttle", as: "json", retryAfterS: 40 }]);
  expect(await pollNow(rec.deps, it)).toEqual({ kind: "throttled", retryAfterS: 40 });
  expect(await pollNow(rec.deps, it)).toMatchObject({ kind: "throttled" });
  expect(statusCalls()).toHaveLength(1);
});

test("no usable answer is told as that, and what pauses passes does not stop a person", async () => {
  const it = await push([{ do: "break", status: 500 }]);
  await database.sql`
    insert into connection_pace (shard, connection_id, errors, paused_until, pause_reason, paused_at)
    values (${daraja.shard}, ${daraja.id}, 9, now() + interval '1 hour', 'errors', now() + interval '1 minute')`;
  expect(await pollNow(rec.deps, it)).toMatchObject({ kind: "unavailable", detail: expect.stringMatching(/500/) });
  expect(await pollNow(rec.deps, it)).toEqual({ kind: "polled" });
});

test("people who ask at once get one answer", async () => {
  const it = await push([{ do: "late", ms: 200, step: { do: "tell" } }]);
  const outcomes = await Promise.all([1, 2, 3].map(() => pollNow(rec.deps, it)));
  expect(outcomes).toEqual([{ kind: "polled" }, { kind: "polled" }, { kind: "polled" }]);
  expect(statusCalls().length).toBeLessThanOrEqual(3);
  expect(mostAtOnce(statusCalls())).toBe(1);
  expect(await only()).toMatchObject({ status: "completed" });
});

test("a merged transaction's id asks about the one that took it in", async () => {
  const of = {
    kind: "c2b",
    identity: ["receipt:TJIKQ7V33N"],
    refs: { receipt: "TJIKQ7V33N" },
    amount: kes(5000),
  } as const;
  await rec.settle(heard(daraja, learnt("completed", { ...of, identity: [...of.identity] })));
  const merged = await only();
  await push();
  const identity = ["checkout_request_id:ws_CO_1", "receipt:TJIKQ7V33N"];
  await rec.settle(heard(daraja, learnt("completed", { identity, amount: kes(5000) })));
  expect(await pollNow(rec.deps, { shard: merged.shard, transactionId: merged.id })).toEqual({ kind: "polled" });
  expect(statusCalls()[0]?.about).toBe("ws_CO_1");
});

test("an operator's decision settles, closes the review and ends the asking", async () => {
  const { transactionId, shard } = await push([], "pending");
  await rec.age(daraja, 172_801);
  await rec.pass({ connectionId: daraja.id });
  expect(await only()).toMatchObject({ status: "unresolved", review: { reason: "unresolved" } });
  await resolveByOperator(rec.deps, { shard, transactionId, status: "failed", note: "The customer says so." });
  await resolveByOperator(rec.deps, { shard, transactionId, status: "completed", note: "Seen on the statement." });
  expect(await only()).toMatchObject({ status: "completed", statusSource: "operator", review: null });
  const told = await toldOf(database.sql, await only());
  expect(told.map(e => [e.type, e.correction])).toEqual([
    ["payment.unresolved", false],
    ["transaction.review_required", false],
    ["payment.failed", false],
    ["transaction.review_closed", false],
    ["payment.completed", true],
  ]);
  expect(await places()).toEqual([]);
  const notes = await database.sql`
    select finding->>'note' as note from evidence where transaction_id = ${transactionId} and source = 'operator'
    order by learnt_at`;
  expect(notes.map(n => n.note)).toEqual(["The customer says so.", "Seen on the statement."]);
});
