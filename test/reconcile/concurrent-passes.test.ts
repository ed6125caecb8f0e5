import { expect, test } from "vitest";
import type { PassCounts } from "../../src/reconcile/pass-counts.ts";
import { byTransaction, mostAtOnce } from "../../src/simulator/count-calls.ts";
import { kes } from "../support/evidence.ts";
import { merchant } from "../support/fixtures.ts";
import { reconcileBundle } from "../support/reconcile-bundle.ts";
import { startSecondReconciler } from "../support/second-reconciler.ts";
import { registrationItem, remainingTransactions } from "../support/settling.ts";

const bundle = reconcileBundle();
const { addPush, backdate, statusCalls } = bundle;

/** `count` pushes of a new connection that are paid and due, and whose callbacks were lost. */
async function duePushes(count: number, ratePerMinute: number) {
  const connection = await bundle.connect({ settings: { reconcile: { rate_per_minute: ratePerMinute } } });
  const ids = Array.from({ length: count }, (_, n) => `ws_CO_${connection.id.slice(-4)}_${n}`);
  for (const [n, id] of ids.entries()) addPush({ id, receipt: `T${n}` });
  const items = ids.map(id => registrationItem(connection, { refs: { checkout_request_id: id }, amount: kes(5000) }));
  await bundle.reconciler.settle(...items);
  await backdate(31);
  return connection;
}

test("three processes and an outside cron poll each of 2,000 once, never two at once, with one token", async () => {
  const connection = await duePushes(2000, 60_000);
  const others = await Promise.all([1, 2, 3].map(() => startSecondReconciler(bundle.database.url)));
  const running = others.map(other => other.run());
  const sums: PassCounts[] = [];
  // As often as an outside cron would if minutes were short.
  for (;;) {
    const summary = await bundle.reconciler.pass();
    sums.push(summary);
    if (summary.polled + summary.already_running === 0) break;
  }
  sums.push(...(await Promise.all(running)));

  const calls = byTransaction(statusCalls());
  expect(calls.size).toBe(2000);
  expect([...calls.values()].filter(list => list.length !== 1)).toEqual([]);
  expect(Math.max(...[...calls.values()].map(mostAtOnce))).toBe(1);
  expect(bundle.daraja.tokens.issued()).toBe(1);
  const sum = (name: "polled" | "settled" | "errors") => sums.reduce((total, s) => total + s[name], 0);
  expect([sum("polled"), sum("settled"), sum("errors")]).toEqual([2000, 2000, 0]);
  const transactions = await remainingTransactions(bundle.sql, connection);
  expect(transactions.filter(t => t.status !== "completed" || t.statusSource !== "poll")).toEqual([]);
}, 120_000);

test("passes that run at the same time share the rate limit of a minute", async () => {
  await duePushes(500, 120);
  const { reconciler } = bundle;
  const other = await startSecondReconciler(bundle.database.url);
  await Promise.all([other.run(), reconciler.pass(), reconciler.pass(), reconciler.pass()]);
  expect(statusCalls()).toHaveLength(120);
  expect(await reconciler.pass()).toMatchObject({ polled: 0, rate_limited: 380 });
  await backdate(62);
  await Promise.all([reconciler.pass(), reconciler.pass()]);
  expect(statusCalls()).toHaveLength(240);
}, 60_000);

test("a pass polls at most its limit, and only in its scope", async () => {
  const { reconciler } = bundle;
  const first = await duePushes(5, 60_000);
  const second = await duePushes(5, 60_000);
  expect(await reconciler.pass({ connectionId: first.id, limit: 2 })).toMatchObject({ polled: 2, settled: 2 });
  const kiosk = await merchant(bundle.sql, { shard: first.shard });
  expect(await reconciler.pass({ merchantId: kiosk.id })).toMatchObject({ polled: 0, settled: 0 });
  expect(await reconciler.pass({ connectionId: first.id })).toMatchObject({ polled: 3 });
  expect(await reconciler.pass({ merchantId: bundle.merchant.id })).toMatchObject({ polled: 5 });
  expect(await remainingTransactions(bundle.sql, second)).toHaveLength(5);
});
