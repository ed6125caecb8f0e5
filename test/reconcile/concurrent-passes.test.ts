import { afterAll, beforeAll, expect, test } from "vitest";
import { type SimulatedDaraja, simulateDaraja } from "../../src/providers/daraja/simulator/server.ts";
import type { PassCounts } from "../../src/reconcile/pass-counts.ts";
import { byTransaction, mostAtOnce } from "../../src/simulator/count-calls.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { kes } from "../support/evidence.ts";
import { connection, merchant, type TestMerchant } from "../support/fixtures.ts";
import { type Reconciling, reconciling } from "../support/reconciling.ts";
import { startSecondReconciler } from "../support/second-reconciler.ts";
import { registrationItem, remainingTransactions } from "../support/settling.ts";

let database: TestDatabase;
let duka: TestMerchant;
let rec: Reconciling;
let server: SimulatedDaraja;

beforeAll(async () => {
  [database, server] = await Promise.all([testDatabase(), simulateDaraja()]);
  duka = await merchant(database.sql);
  rec = reconciling(database.sql);
});

afterAll(async () => {
  await rec.close();
  await server.close();
  await database.drop();
});

const credentials = { consumer_key: "key", consumer_secret: "secret", shortcode: "174379", passkey: "passkey" };

/** `count` pushes that are paid and due, and whose callbacks were lost. */
async function due(count: number, ratePerMinute: number) {
  server.calls.splice(0);
  const settings = { reconcile: { rate_per_minute: ratePerMinute } };
  const daraja = await connection(database.sql, duka, { credentials, baseUrl: server.url, settings });
  const items = Array.from({ length: count }, (_, n) => {
    const id = `ws_CO_${daraja.id.slice(-4)}_${n}`;
    const entry = { outcome: "completed", amount: "50", phone: "254712345678", receipt: `T${n}` } as const;
    server.ledger.add(id, { ...entry, steps: [] });
    return registrationItem(daraja, { refs: { checkout_request_id: id }, amount: kes(5000) });
  });
  await rec.settle(...items);
  await rec.age(daraja, 31);
  return daraja;
}

const statusCalls = () => server.calls.filter(call => call.what === "status");

test("three processes and an outside cron ask about each of 2,000 once, never two at once, with one token", async () => {
  const daraja = await due(2000, 60_000);
  const others = await Promise.all([1, 2, 3].map(() => startSecondReconciler(database.url)));
  const before = server.tokens.issued();
  const running = others.map(other => other.run());
  const sums: PassCounts[] = [];
  // As often as an outside cron would if minutes were short.
  for (;;) {
    const summary = await rec.pass();
    sums.push(summary);
    if (summary.polled + summary.already_running === 0) break;
  }
  sums.push(...(await Promise.all(running)));

  const calls = byTransaction(statusCalls());
  expect(calls.size).toBe(2000);
  expect([...calls.values()].filter(list => list.length !== 1)).toEqual([]);
  expect(Math.max(...[...calls.values()].map(mostAtOnce))).toBe(1);
  expect(server.tokens.issued() - before).toBe(1);
  const sum = (name: "polled" | "settled" | "errors") => sums.reduce((total, s) => total + s[name], 0);
  expect([sum("polled"), sum("settled"), sum("errors")]).toEqual([2000, 2000, 0]);
  const left = await remainingTransactions(database.sql, daraja);
  expect(left.filter(t => t.status !== "completed" || t.statusSource !== "poll")).toEqual([]);
}, 120_000);

test("however many passes run at once, the allowance of a minute is that of one", async () => {
  const daraja = await due(500, 120);
  const other = await startSecondReconciler(database.url);
  const passes = [other.run(), rec.pass(), rec.pass(), rec.pass()];
  await Promise.all(passes);
  expect(statusCalls()).toHaveLength(120);
  expect(await rec.pass()).toMatchObject({ polled: 0, rate_limited: 380 });
  await rec.age(daraja, 62);
  await Promise.all([rec.pass(), rec.pass()]);
  expect(statusCalls()).toHaveLength(240);
}, 60_000);

test("a pass asks about no more than its limit, and about nobody else's", async () => {
  const mine = await due(5, 60_000);
  const others = await due(5, 60_000);
  expect(await rec.pass({ connectionId: mine.id, limit: 2 })).toMatchObject({ polled: 2, settled: 2 });
  const kiosk = await merchant(database.sql, { shard: mine.shard });
  expect(await rec.pass({ merchantId: kiosk.id })).toMatchObject({ polled: 0, settled: 0 });
  expect(await rec.pass({ connectionId: mine.id })).toMatchObject({ polled: 3 });
  expect(await rec.pass({ merchantId: duka.id })).toMatchObject({ polled: 5 });
  expect(await remainingTransactions(database.sql, others)).toHaveLength(5);
});
