import { expect, test } from "vitest";
import type { Evidence } from "../../src/domain/evidence.ts";
import type { Registration } from "../../src/domain/transaction.ts";
import { settleBatch } from "../../src/settle/settle.ts";
import { callbackSays, kes, operatorSays, pollSays } from "../support/evidence.ts";
import { amount, c2bPaid, pushCancelled, pushPaid, pushRefs, settleBundle } from "../support/settle-bundle.ts";
import { withOwnId } from "../support/settling.ts";

const bundle = settleBundle();
const { settle, settleAll, says, registers, transactions, remaining, theTransaction, eventsOf, eventTypesOf } = bundle;

const registersPush = (n: number, fields: Partial<Registration> = {}) =>
  registers({ refs: pushRefs(n), reference: `ORDER-${n}`, amount, ...fields });
const pushIsPaid = (n: number, receipt: string) => says(pushPaid(n, receipt));
const pushIsCancelled = (n: number) => says(pushCancelled(n));
const c2bIsPaid = (receipt: string, fields: Partial<Evidence> = {}) => says(c2bPaid(receipt, fields));

test("a callback that precedes its registration settles when the registration arrives", async () => {
  await settle(pushIsPaid(1, "TJIKQ7V33N"));
  expect(await theTransaction()).toMatchObject({
    status: "pending",
    registered: false,
    review: { reason: "unregistered" },
  });
  await settle(registersPush(1));
  const t = await theTransaction();
  expect(t).toMatchObject({ status: "completed", registered: true, review: null, reference: "ORDER-1" });
  expect(await eventTypesOf(t)).toEqual([
    "payment.pending",
    "transaction.review_required",
    "payment.completed",
    "transaction.review_closed",
  ]);
});

test("a registration alone sends no event, and a repeated callback sends no second event", async () => {
  await settle(registersPush(1));
  expect(await eventTypesOf(await theTransaction())).toEqual([]);
  for (let copy = 1; copy <= 3; copy += 1) await settle(pushIsPaid(1, "TJIKQ7V33N"));
  await settle(says(withOwnId(pushIsPaid(1, "TJIKQ7V33N").evidence[0]!, 2)));
  expect(await eventTypesOf(await theTransaction())).toEqual(["payment.completed"]);
});

test("a confirmation that came first is merged into the registered push, with one transaction.merged event", async () => {
  await settle(c2bIsPaid("TJIKQ7V33N"));
  const [first] = await transactions();
  await settle(registersPush(1));
  await settle(pushIsPaid(1, "TJIKQ7V33N"));
  const t = await theTransaction();
  expect(t).toMatchObject({ status: "completed", registered: true, kind: "stk_push", reference: "ORDER-1" });
  expect(await eventTypesOf(t)).toEqual(["transaction.merged"]);
  expect(await eventTypesOf(first!)).toEqual(["payment.completed"]);
  const [merged] = await eventsOf(t);
  expect(merged).toMatchObject({ sequence: 1, previous: "pending", correction: false });
  expect(merged?.data.from).toBe(`txn_${first!.id.replaceAll("-", "")}`);
  expect(merged?.data.into).toBe(`txn_${t.id.replaceAll("-", "")}`);
  expect((await transactions()).find(other => other.id === first!.id)?.mergedInto).toBe(t.id);
});

test("a confirmation that comes second is the same payment and sends no event", async () => {
  await settle(registersPush(1));
  await settle(pushIsPaid(1, "TJIKQ7V33N"));
  await settle(c2bIsPaid("TJIKQ7V33N", { partyName: "JOHN DOE" }));
  const t = await theTransaction();
  expect(t).toMatchObject({ partyName: "JOHN DOE" });
  expect(await eventTypesOf(t)).toEqual(["payment.completed"]);
});

test("where neither transaction is registered the older keeps its id", async () => {
  await settle(c2bIsPaid("TJIKQ7V33N"));
  const [first] = await transactions();
  await settle(pushIsPaid(1, "TJIKQ7V33N"));
  expect((await theTransaction()).id).toBe(first!.id);
});

test("a merge that completes a failed transaction is a correction", async () => {
  await settle(registersPush(1), pushIsCancelled(1));
  await settle(c2bIsPaid("TJIKQ7V33N"));
  await settle(pushIsPaid(1, "TJIKQ7V33N"));
  const events = await eventsOf(await theTransaction());
  expect(events.map(e => [e.type, e.previous, e.correction])).toEqual([
    ["payment.failed", "pending", false],
    ["transaction.merged", "failed", true],
  ]);
});

test("two payments that were both announced stay two, and the one that learnt the receipt later needs a review", async () => {
  await settle(registersPush(1), says(pollSays("completed", { identity: ["checkout_request_id:ws_CO_1"] })));
  await settle(c2bIsPaid("TJIKQ7V33N"));
  await settle(pushIsPaid(1, "TJIKQ7V33N"));
  const left = await remaining();
  expect(left.map(t => [t.kind, t.status, t.review?.reason])).toEqual([
    ["stk_push", "completed", "duplicate_receipt"],
    ["c2b", "completed", undefined],
  ]);
  const review = (await eventsOf(left[0]!)).at(-1);
  expect(review).toMatchObject({ type: "transaction.review_required" });
  expect(review?.data.duplicate_of).toBe(`txn_${left[1]!.id.replaceAll("-", "")}`);
});

test.each([true, false])(
  "two pushes that claim one receipt stay two transactions, in one batch: %s",
  async inOneBatch => {
    const items = [registersPush(1), registersPush(2), pushIsPaid(1, "TJIKQ7V33N"), pushIsPaid(2, "TJIKQ7V33N")];
    await settleAll(items, inOneBatch);
    const left = await remaining();
    expect(left.map(t => [t.refs.checkout_request_id, t.status, t.review?.reason])).toEqual([
      ["ws_CO_1", "completed", undefined],
      ["ws_CO_2", "completed", "duplicate_receipt"],
    ]);
    expect(left[1]?.review?.duplicate_of).toBe(left[0]?.id);
  },
);

test.each([true, false])(
  "two unregistered pushes that claim one receipt stay two transactions, in one batch: %s",
  async inOneBatch => {
    const items = [pushIsPaid(1, "TJIKQ7V33N"), pushIsPaid(2, "TJIKQ7V33N")];
    await settleAll(items, inOneBatch);
    const left = await remaining();
    expect(left.map(t => [t.refs.checkout_request_id, t.review?.reason])).toEqual([
      ["ws_CO_1", "unregistered"],
      ["ws_CO_2", "duplicate_receipt"],
    ]);
    await settle(registersPush(2));
    const [, second] = await remaining();
    expect(second).toMatchObject({ registered: true, status: "completed", review: { reason: "duplicate_receipt" } });
  },
);

test("a transaction that was merged in a batch does not change again in that batch", async () => {
  await settle(c2bIsPaid("TJIKQ7V33N"));
  const [first] = await transactions();
  await settle(registersPush(1));
  await settle(pushIsPaid(1, "TJIKQ7V33N"), says(operatorSays("refunded", 1), first!.id));
  const t = await theTransaction();
  expect(t).toMatchObject({ registered: true, status: "refunded" });
  expect((await transactions()).find(other => other.id === first!.id)).toMatchObject({
    mergedInto: t.id,
    status: "completed",
  });
});

test("a decision on a merged transaction is a decision on the one it was merged into", async () => {
  await settle(c2bIsPaid("TJIKQ7V33N"));
  const [first] = await transactions();
  await settle(registersPush(1), pushIsPaid(1, "TJIKQ7V33N"));
  await settle(says(operatorSays("failed", 1), first!.id));
  expect(await theTransaction()).toMatchObject({ status: "failed", registered: true });
});

test("a confirmation finds a registered, unfinished push by the typed reference and the amount", async () => {
  await settle(registersPush(1));
  await settle(c2bIsPaid("TJIKQ7V33N", { reference: "  order-1 " }));
  const t = await theTransaction();
  expect(t).toMatchObject({ kind: "stk_push", status: "completed", refs: { receipt: "TJIKQ7V33N" } });
  expect(await eventTypesOf(t)).toEqual(["payment.completed"]);
});

test("a confirmation of another amount, another reference or a finished push is a payment of its own", async () => {
  await settle(registersPush(1), registersPush(2), registersPush(3));
  await settle(pushIsPaid(3, "TJIKQ7V33A"));
  await settle(c2bIsPaid("TJIKQ7V33B", { reference: "ORDER-1", amount: kes(4999) }));
  await settle(c2bIsPaid("TJIKQ7V33C", { reference: "ORDER-4" }));
  await settle(c2bIsPaid("TJIKQ7V33D", { reference: "ORDER-3" }));
  const left = await remaining();
  expect(left.map(t => [t.kind, t.status])).toEqual([
    ["stk_push", "pending"],
    ["stk_push", "pending"],
    ["stk_push", "completed"],
    ["c2b", "completed"],
    ["c2b", "completed"],
    ["c2b", "completed"],
  ]);
});

test("of two confirmations that match one registration, one settles it and the other is a payment of its own", async () => {
  await settle(registersPush(1));
  await settle(c2bIsPaid("TJIKQ7V33N", { reference: "ORDER-1" }), c2bIsPaid("TJIKQ7V33P", { reference: "ORDER-1" }));
  const left = await remaining();
  expect(left.map(t => [t.kind, t.status, t.refs.receipt])).toEqual([
    ["stk_push", "completed", "TJIKQ7V33N"],
    ["c2b", "completed", "TJIKQ7V33P"],
  ]);
});

test("regression: a callback that joins two groups of its batch by three ids loses no other item of the batch", async () => {
  const ids = { conversation_id: "AG_1", originator_conversation_id: "OC_1", receipt: "TJIKQ7V33N" };
  const identity = Object.entries(ids).map(([name, value]) => `${name}:${value}`);
  const payoutIsPending = (keys: string[]) => says(callbackSays("pending", { kind: "b2c", identity: keys, refs: {} }));
  const { settled } = await settle(
    payoutIsPending(identity.slice(0, 1)),
    payoutIsPending(identity.slice(1)),
    registersPush(2),
    payoutIsPending(identity),
    registersPush(3),
  );
  expect(settled.map(item => item.transactionIds.length)).toEqual([1, 1, 1, 1, 1]);
  expect(await remaining()).toHaveLength(3);
});

test("regression: a new transaction that is merged in its own batch leaves its keys to the one it was merged into", async () => {
  const reports = (...identity: string[]) => says(callbackSays("pending", { kind: "b2c", identity }));
  // The second conflicts with the first, and the third joins both without being either.
  await settle(
    reports("merchant_request_id:m", "conversation_id:1", "receipt:A"),
    reports("checkout_request_id:c", "merchant_request_id:m", "conversation_id:2", "receipt:A"),
    reports("checkout_request_id:c", "merchant_request_id:m", "conversation_id:1", "receipt:B"),
  );
  const { settled } = await settle(reports("receipt:B"));
  const ids = (await remaining()).map(t => t.id);
  expect(settled[0]).toMatchObject({ created: false });
  expect(ids).toContain(settled[0]!.transactionIds[0]);
});

test("regression: where one statement of a batch cannot be made, the others are not committed", async () => {
  const ofPhone = () => {
    throw new Error("no key");
  };
  const deps = { ...bundle.deps(), phones: { ...bundle.deps().phones, ofPhone } };
  const item = says({ ...pushPaid(1, "TJIKQ7V33N"), phone: "+254700000001" });
  await expect(settleBatch(deps, bundle.daraja().shard, [item])).rejects.toThrow("no key");
  const left = await bundle.sql()`
    select key from transaction_keys where connection_id = ${bundle.daraja().id}
    union all select 'evidence' from evidence e where not exists (
      select from transactions t where t.shard = e.shard and t.id = e.transaction_id)`;
  expect(left).toEqual([]);
  await settle(item);
  expect(await theTransaction()).toMatchObject({ status: "pending", review: { reason: "unregistered" } });
});
