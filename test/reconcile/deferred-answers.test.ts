import { afterEach, beforeEach, expect, test } from "vitest";
import { simulateDaraja } from "../../src/providers/daraja/simulator/server.ts";
import type { ScriptOutcome } from "../../src/simulator/script.ts";
import { type Inbox, inbox } from "../support/inbox.ts";
import { darajaCredentials, reconcileBundle } from "../support/reconcile-bundle.ts";
import { remainingTransactions, settleDeps } from "../support/settling.ts";
import { type TestReconciler, testReconciler } from "../support/test-reconciler.ts";

const credentials = { ...darajaCredentials, initiator_name: "apiop", security_credential: "sealed" };
const bundle = reconcileBundle({ credentials });
const { addPush, registerPush, backdate, eventTypes, statusCalls } = bundle;
/** Receives the callbacks with the deferred answers. */
let receiver: Inbox;
/** Its callback URLs lead to `receiver`. */
let reconciler: TestReconciler;
/** Runs between the answer to a poll and its settling. */
let beforeSettling: () => Promise<void>;

beforeEach(async () => {
  receiver = await inbox(
    bundle.sql,
    settleDeps(bundle.sql),
    () => bundle.connection,
    (shard, result) => reconciler.afterSettling(shard, result),
  );
  beforeSettling = async () => {};
  reconciler = testReconciler(bundle.sql, {
    publicUrl: () => receiver.url,
    settler: {
      async settle(shard, item) {
        if (item.poll) await beforeSettling();
        return await bundle.reconciler.deps.settler.settle(shard, item);
      },
    },
  });
});

afterEach(async () => {
  await receiver.close();
  await reconciler.close();
});

const pass = () => reconciler.pass({ connectionId: bundle.connection.id });
const onlyTransaction = async () => {
  const transactions = await remainingTransactions(bundle.sql, bundle.connection);
  expect(transactions).toHaveLength(1);
  return transactions[0]!;
};
async function settleCallbacks(count: number) {
  await receiver.untilKept(count);
  await receiver.settle(bundle.connection.shard);
}

const payoutRefs = { originator_conversation_id: "orig-1" };
function addPayout(outcome: ScriptOutcome) {
  const entry = { amount: "50", phone: "254712345678", receipt: "TJIKQ7V33N", originatorConversationId: "orig-1" };
  bundle.daraja.ledger.add("orig-1", { ...entry, outcome, steps: [] });
}

/** A registered payout that is due for its first poll. */
async function duePayout(outcome: ScriptOutcome) {
  addPayout(outcome);
  await registerPush({ kind: "b2c", refs: payoutRefs });
  await backdate(31);
}

test("the answer to a payout's poll comes as a callback, and settles the payout as polled", async () => {
  await duePayout("completed");
  expect(await pass()).toMatchObject({ polled: 1, pending: 1 });
  await settleCallbacks(1);
  const t = await onlyTransaction();
  expect(t).toMatchObject({ status: "completed", statusSource: "poll", refs: { receipt: "TJIKQ7V33N" } });
  expect(await eventTypes()).toEqual(["payout.completed"]);
  const [keys] = await bundle.sql`
    select count(*)::int4 as count from transaction_keys where transaction_id = ${t.id} and key like 'receipt:%'`;
  expect(keys).toEqual({ count: 1 });
  await backdate(100);
  expect(await pass()).toMatchObject({ polled: 0 });
});

test("a callback that comes before its poll is recorded is read again, and settles as polled", async () => {
  beforeSettling = () => settleCallbacks(1);
  await bundle.connect({ settings: { settle_on: "proof" } });
  await duePayout("completed");
  expect(await pass()).toMatchObject({ polled: 1, pending: 1 });
  // Until the poll is recorded the answer is as good as one to a question of the merchant's own: a hint.
  expect(await onlyTransaction()).toMatchObject({ status: "pending" });
  await receiver.settle(bundle.connection.shard);
  expect(await onlyTransaction()).toMatchObject({ status: "completed", statusSource: "poll" });
});

test("a deferred answer that is not final leaves the payout open, and it is polled again", async () => {
  await duePayout("pending");
  await pass();
  await settleCallbacks(1);
  expect(await onlyTransaction()).toMatchObject({ status: "processing", statusSource: "poll" });
  // The payout is known by its receipt now.
  bundle.daraja.ledger.add("TJIKQ7V33N", { ...bundle.daraja.ledger.get("orig-1")!, outcome: "failed" });
  await backdate(30);
  expect(await pass()).toMatchObject({ polled: 1 });
  await settleCallbacks(2);
  expect(await onlyTransaction()).toMatchObject({ status: "failed", statusSource: "poll" });
});

test("a query that failed says nothing of the payout, and creates no other transaction", async () => {
  await registerPush({ kind: "b2c", refs: { originator_conversation_id: "unknown-to-them" } });
  await backdate(31);
  await pass();
  await settleCallbacks(1);
  expect(await onlyTransaction()).toMatchObject({ status: "pending", review: null });
});

test("a refused initiator stops the polls of every kind that uses it, and no other, until the connection changes", async () => {
  await bundle.daraja.close();
  bundle.daraja = await simulateDaraja({ initiatorName: "another" });
  const { id } = bundle.connection;
  await bundle.sql`update connections set base_url = ${bundle.daraja.url} where id = ${id}`;
  await duePayout("completed");
  await pass();
  await settleCallbacks(1);
  const stoppedKinds = async () =>
    (await bundle.sql`select stopped from connection_pace where connection_id = ${id}`)[0]?.stopped;
  await expect.poll(stoppedKinds).toMatchObject({ b2c: {}, b2b: {}, reversal: {}, c2b: {} });
  addPush({ receipt: "T2" });
  await registerPush();
  await backdate(31);
  expect(await pass()).toMatchObject({ polled: 1, settled: 1 });
  expect(statusCalls()).toHaveLength(2);
  await backdate(3600);
  await bundle.sql`update connections set updated_at = now() where id = ${id}`;
  expect(await pass()).toMatchObject({ polled: 1 });
});

test("the expiry waits for a deferred answer", async () => {
  addPayout("completed");
  await registerPush({ kind: "b2c", refs: payoutRefs, amount: null, expiresAt: new Date(Date.now() - 1000) });
  expect(await pass()).toMatchObject({ polled: 1, pending: 1, settled: 0 });
  await backdate(100);
  expect(await pass()).toMatchObject({ polled: 0, settled: 0 });
  await backdate(100);
  expect(await pass()).toMatchObject({ polled: 0, settled: 1 });
  expect(await onlyTransaction()).toMatchObject({ status: "expired" });
  await receiver.settle(bundle.connection.shard);
  expect(await onlyTransaction()).toMatchObject({ status: "completed", statusSource: "poll" });
});
