import { afterEach, beforeEach, expect, test } from "vitest";
import { callbackSays, kes } from "../support/evidence.ts";
import { type Inbox, inbox } from "../support/inbox.ts";
import { reconcileBundle } from "../support/reconcile-bundle.ts";
import { evidenceItem, remainingTransactions, settleDeps } from "../support/settling.ts";

const bundle = reconcileBundle();
const { registerPush, transaction, eventTypes } = bundle;
let receiver: Inbox;

beforeEach(async () => {
  const deps = settleDeps(bundle.sql);
  receiver = await inbox(
    bundle.sql,
    deps,
    () => bundle.connection,
    () => {},
  );
});
afterEach(() => receiver.close());

/** Posts the answer to a Transaction Status query that the merchant made; `named` is what its parameters hold. */
async function answer(named: Record<string, string | number>) {
  const parameters = Object.entries(named).map(([Key, Value]) => ({ Key, Value }));
  const body = {
    Result: {
      ResultType: 0,
      ResultCode: 0,
      ResultDesc: "The service request is processed successfully.",
      OriginatorConversationID: "question-1",
      ConversationID: "AG_question",
      TransactionID: "NLJ0000000",
      ResultParameters: { ResultParameter: parameters },
    },
  };
  const init = { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  await fetch(`${receiver.url}/in/daraja/token/result`, init);
  await receiver.settle(bundle.connection.shard);
}

const reading = async () =>
  (
    await bundle.sql`
      select r.state, r.transaction_ids as ids from callback_readings r join callbacks c on c.id = r.callback_id
      where c.connection_id = ${bundle.connection.id}`
  )[0]!;

const payout = { kind: "b2c", refs: { originator_conversation_id: "orig-1", conversation_id: "AG_1" } } as const;
const names = { OriginatorConversationID: "orig-1", ConversationID: "AG_1", ReceiptNo: "TJIKQ7V33N", Amount: 50 };

const finals: [string, string][] = [
  ["Completed", "completed"],
  ["Cancelled", "failed"],
  ["Declined", "failed"],
  ["Expired", "expired"],
  ["Initiated", "processing"],
];

test.each(finals)("regression: an answer %s that the merchant asked for makes its payout %s", async (word, status) => {
  const { id } = await registerPush(payout);
  await answer({ ...names, TransactionStatus: word });
  expect(await transaction()).toMatchObject({ id, status, statusSource: "callback" });
  expect(await remainingTransactions(bundle.sql, bundle.connection)).toHaveLength(1);
  expect(await reading()).toEqual({ state: "processed", ids: [id] });
});

test("a receipt is enough to name the transaction, whichever side the phone is on", async () => {
  await registerPush({ kind: "b2c", refs: { receipt: "TJIKQ7V33N" } });
  await answer({
    TransactionStatus: "Completed",
    ReceiptNo: "TJIKQ7V33N",
    Amount: 50,
    DebitPartyName: "254712345678 - Jane Doe",
  });
  expect(await transaction()).toMatchObject({ status: "completed", kind: "b2c" });
  expect(await eventTypes()).toEqual(["payout.completed"]);
});

test("the ids of the question itself name no transaction, and the same answer again changes nothing", async () => {
  await registerPush(payout);
  await answer({ ...names, TransactionStatus: "Completed" });
  await answer({ ...names, TransactionStatus: "Completed" });
  expect(await eventTypes()).toEqual(["payout.completed"]);
  const keys = await bundle.sql`
    select key from transaction_keys where connection_id = ${bundle.connection.id} and key like '%question%'`;
  expect([...keys]).toEqual([]);
});

test("an answer that names no known transaction is processed, and changes nothing", async () => {
  await registerPush(payout);
  await answer({ TransactionStatus: "Completed", ReceiptNo: "TJIOTHER99", Amount: 50 });
  expect(await transaction()).toMatchObject({ status: "pending" });
  expect(await reading()).toEqual({ state: "processed", ids: [] });
  expect(await remainingTransactions(bundle.sql, bundle.connection)).toHaveLength(1);
});

test("an answer that names two transactions settles neither", async () => {
  await registerPush(payout);
  await registerPush({ kind: "b2c", refs: { receipt: "TJIKQ7V33N" } });
  await answer({ ...names, TransactionStatus: "Completed" });
  const statuses = (await remainingTransactions(bundle.sql, bundle.connection)).map(t => t.status);
  expect(statuses).toEqual(["pending", "pending"]);
});

test("an answer with another amount than registered opens a review", async () => {
  await registerPush(payout);
  await answer({ ...names, Amount: 5, TransactionStatus: "Completed" });
  expect(await transaction()).toMatchObject({ status: "pending", review: { reason: "amount_mismatch" } });
});

test("an answer about a payout that was not registered is a hint, and settles nothing by itself", async () => {
  const identity = ["originator_conversation_id:orig-1"];
  const refs = { originator_conversation_id: "orig-1" };
  const callback = callbackSays("processing", { kind: "b2c", identity, refs, amount: kes(5000) });
  await bundle.reconciler.settle(evidenceItem(bundle.connection, callback));
  await answer({ ...names, TransactionStatus: "Completed", DebitPartyName: "254712345678 - Jane Doe" });
  expect(await transaction()).toMatchObject({ status: "processing", kind: "b2c" });
});
