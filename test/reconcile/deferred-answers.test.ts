import { afterEach, beforeEach, expect, test } from "vitest";
import { type SimulatedDaraja, simulateDaraja } from "../../src/providers/daraja/simulator/server.ts";
import type { ScriptOutcome } from "../../src/simulator/script.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { kes } from "../support/evidence.ts";
import { connection, merchant, type TestConnection } from "../support/fixtures.ts";
import { type Inbox, inbox } from "../support/inbox.ts";
import { type Reconciling, reconciling, stopAsked } from "../support/reconciling.ts";
import { eventsOf, remainingTransactions, settleDeps } from "../support/settling.ts";

let database: TestDatabase;
let rec: Reconciling;
let server: SimulatedDaraja;
let daraja: TestConnection;
let box: Inbox;
/** What stands between an answer and its settling. */
let beforeSettling: () => Promise<void>;

beforeEach(async () => {
  [database, server] = await Promise.all([testDatabase(), simulateDaraja()]);
  const duka = await merchant(database.sql);
  const credentials = {
    consumer_key: "key",
    consumer_secret: "secret",
    shortcode: "174379",
    passkey: "passkey",
    initiator_name: "apiop",
    security_credential: "sealed",
  };
  daraja = await connection(database.sql, duka, { credentials, baseUrl: server.url });
  const deps = settleDeps(database.sql);
  box = await inbox(
    database.sql,
    deps,
    () => daraja,
    (shard, result) => void stopAsked(rec.deps, shard, result),
  );
  const plain = reconciling(database.sql);
  beforeSettling = async () => {};
  rec = reconciling(database.sql, {
    publicUrl: () => box.url,
    settler: {
      async settle(shard, item) {
        if (item.poll) await beforeSettling();
        return await plain.deps.settler.settle(shard, item);
      },
    },
  });
});

afterEach(async () => {
  await box.close();
  await server.close();
  await rec.close();
  await database.drop();
});

const pass = () => rec.pass({ connectionId: daraja.id });
const only = async () => {
  const left = await remainingTransactions(database.sql, daraja);
  expect(left).toHaveLength(1);
  return left[0]!;
};
const statusCalls = () => server.calls.filter(call => call.what === "status");

async function payout(outcome: ScriptOutcome) {
  const entry = { amount: "50", phone: "254712345678", receipt: "TJIKQ7V33N", originatorConversationId: "orig-1" };
  server.ledger.add("orig-1", { ...entry, outcome, steps: [] });
  const refs = { originator_conversation_id: "orig-1" };
  await rec.register(daraja, { kind: "b2c", refs, amount: kes(5000) });
  await rec.age(daraja, 31);
}

test("a payout's fate is asked for, and its answer comes as a callback that settles it as asked", async () => {
  await payout("completed");
  expect(await pass()).toMatchObject({ polled: 1, pending: 1 });
  await box.untilKept(1);
  await box.settle(daraja.shard);
  const t = await only();
  expect(t).toMatchObject({ status: "completed", statusSource: "poll", refs: { receipt: "TJIKQ7V33N" } });
  expect((await eventsOf(database.sql, t)).map(e => e.type)).toEqual(["payout.completed"]);
  const [keys] = await database.sql`
    select count(*)::int4 as count from transaction_keys where transaction_id = ${t.id} and key like 'receipt:%'`;
  expect(keys).toEqual({ count: 1 });
  await rec.age(daraja, 100);
  expect(await pass()).toMatchObject({ polled: 0 });
});

test("an answer that is faster than the note of its question is read again, and settles", async () => {
  beforeSettling = async () => {
    await box.untilKept(1);
    await box.settle(daraja.shard);
  };
  await payout("completed");
  expect(await pass()).toMatchObject({ polled: 1, pending: 1 });
  expect(await only()).toMatchObject({ status: "pending" });
  await box.settle(daraja.shard);
  expect(await only()).toMatchObject({ status: "completed", statusSource: "poll" });
});

test("an answer that is not final leaves it open, and it is asked again", async () => {
  await payout("pending");
  await pass();
  await box.untilKept(1);
  await box.settle(daraja.shard);
  expect(await only()).toMatchObject({ status: "processing", statusSource: "poll" });
  // It is known by its receipt now.
  server.ledger.add("TJIKQ7V33N", { ...server.ledger.get("orig-1")!, outcome: "failed" });
  await rec.age(daraja, 30);
  expect(await pass()).toMatchObject({ polled: 1 });
  await box.untilKept(2);
  await box.settle(daraja.shard);
  expect(await only()).toMatchObject({ status: "failed", statusSource: "poll" });
});

test("a query that failed says nothing of the payout, and brings no other into being", async () => {
  const refs = { originator_conversation_id: "unknown-to-them" };
  await rec.register(daraja, { kind: "b2c", refs, amount: kes(5000) });
  await rec.age(daraja, 31);
  await pass();
  await box.untilKept(1);
  await box.settle(daraja.shard);
  expect(await only()).toMatchObject({ status: "pending", review: null });
});

test("a refused initiator stops every question that runs as one, until the connection is changed, and no other", async () => {
  await server.close();
  server = await simulateDaraja({ initiatorName: "another" });
  await database.sql`update connections set base_url = ${server.url} where id = ${daraja.id}`;
  await payout("completed");
  await pass();
  await box.untilKept(1);
  await box.settle(daraja.shard);
  await expect
    .poll(async () => (await database.sql`select stopped from connection_pace`)[0]?.stopped)
    .toMatchObject({ b2c: {}, b2b: {}, reversal: {}, c2b: {} });
  server.ledger.add("ws_CO_1", { outcome: "completed", amount: "50", phone: "254712345678", receipt: "T2", steps: [] });
  await rec.register(daraja, { refs: { checkout_request_id: "ws_CO_1" }, amount: kes(5000) });
  await rec.age(daraja, 31);
  expect(await pass()).toMatchObject({ polled: 1, settled: 1 });
  expect(statusCalls()).toHaveLength(2);
  await rec.age(daraja, 3600);
  await database.sql`update connections set updated_at = now() where id = ${daraja.id}`;
  expect(await pass()).toMatchObject({ polled: 1 });
});

test("what expires is given time for the answer that comes as a callback", async () => {
  const entry = { amount: "50", phone: "254712345678", receipt: "TJIKQ7V33N", originatorConversationId: "orig-1" };
  server.ledger.add("orig-1", { ...entry, outcome: "completed", steps: [] });
  const refs = { originator_conversation_id: "orig-1" };
  await rec.register(daraja, { kind: "b2c", refs, expiresAt: new Date(Date.now() - 1000) });
  expect(await pass()).toMatchObject({ polled: 1, pending: 1, settled: 0 });
  await rec.age(daraja, 100);
  expect(await pass()).toMatchObject({ polled: 0, settled: 0 });
  await rec.age(daraja, 100);
  expect(await pass()).toMatchObject({ polled: 0, settled: 1 });
  expect(await only()).toMatchObject({ status: "expired" });
  await box.settle(daraja.shard);
  expect(await only()).toMatchObject({ status: "completed", statusSource: "poll" });
});
