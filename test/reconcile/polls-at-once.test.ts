import { afterEach, beforeEach, expect, test } from "vitest";
import { type ReconcileWorker, startReconcileWorker } from "../../src/reconcile/worker.ts";
import { callbackSays, kes } from "../support/evidence.ts";
import { type Inbox, inbox } from "../support/inbox.ts";
import { darajaCredentials, reconcileBundle } from "../support/reconcile-bundle.ts";
import { evidenceItem, settleDeps } from "../support/settling.ts";
import { type TestReconciler, testReconciler } from "../support/test-reconciler.ts";

const credentials = { ...darajaCredentials, initiator_name: "apiop", security_credential: "sealed" };
const bundle = reconcileBundle({ credentials });
const { addPush, registerPush, backdate, transaction, entries, statusCalls } = bundle;
let receiver: Inbox;
let reconciler: TestReconciler;
/** Started by a test once it has looked at what was requested: a worker runs rounds by itself. */
let worker: ReconcileWorker | null;
const startWorker = () => {
  worker = startReconcileWorker(reconciler.deps);
  return worker;
};

beforeEach(async () => {
  const onSettled = () => {};
  receiver = await inbox(bundle.sql, settleDeps(bundle.sql), () => bundle.connection, onSettled);
  reconciler = testReconciler(bundle.sql, { publicUrl: () => receiver.url });
  worker = null;
});
afterEach(async () => {
  await worker?.drain();
  await receiver.close();
  await reconciler.close();
});

test("regression: a time-out notice makes the worker poll at once, without a pass", async () => {
  const refs = { originator_conversation_id: "orig-1" };
  const entry = { amount: "50", phone: "254712345678", receipt: "TJIKQ7V33N", originatorConversationId: "orig-1" };
  bundle.daraja.ledger.add("orig-1", { ...entry, outcome: "completed", steps: [] });
  await registerPush({ kind: "b2c", refs });
  const notice = {
    Result: { ResultType: 1, ResultCode: 1, ResultDesc: "timed out", OriginatorConversationID: "orig-1" },
  };
  const init = { method: "POST", body: JSON.stringify(notice), headers: { "content-type": "application/json" } };
  await fetch(`${receiver.url}/in/daraja/token/timeout`, init);
  await receiver.settle(bundle.connection.shard);
  const [requested] = await entries();
  expect(requested).toMatchObject({ urgent: true });
  expect(requested!.due_in).toBeLessThanOrEqual(1);
  await backdate(2);
  await startWorker().runOnce();
  expect(statusCalls()).toHaveLength(1);
  await receiver.untilKept(2);
  await receiver.settle(bundle.connection.shard);
  expect(await transaction()).toMatchObject({ status: "completed", statusSource: "poll" });
  // The answer requests no poll of its own.
  expect(await entries()).toEqual([]);
});

test("a success of another amount is asked about by its receipt, and then the push itself", async () => {
  await registerPush({ amount: kes(70_000) });
  addPush();
  bundle.daraja.ledger.add("TJIKQ7V33N", {
    outcome: "completed",
    steps: [],
    amount: "70",
    phone: "254712345678",
    receipt: "TJIKQ7V33N",
  });
  const refs = { checkout_request_id: "ws_CO_1", receipt: "TJIKQ7V33N" };
  const identity = ["checkout_request_id:ws_CO_1", "receipt:TJIKQ7V33N"];
  const told = callbackSays("completed", { identity, refs, amount: kes(7000) });
  await reconciler.settle(evidenceItem(bundle.connection, told));
  expect(await transaction()).toMatchObject({ status: "pending", review: { reason: "amount_mismatch" } });
  await startWorker().runOnce();
  const asked = () => bundle.sql`select outcome from polls p join transactions t on t.id = p.transaction_id
    where t.connection_id = ${bundle.connection.id} order by p.id`;
  expect((await asked()).map(poll => poll.outcome)).toEqual(["deferred"]);
  await receiver.untilKept(1);
  await receiver.settle(bundle.connection.shard);
  expect(await transaction()).toMatchObject({ status: "pending", review: { reason: "amount_mismatch" } });
  // A false receipt keeps no payment open: the next poll is about the push.
  await backdate(31);
  await reconciler.pass({ connectionId: bundle.connection.id });
  expect((await asked()).map(poll => poll.outcome)).toEqual(["deferred", "answered"]);
  expect(await transaction()).toMatchObject({ status: "completed", review: { reason: "amount_mismatch" } });
});
