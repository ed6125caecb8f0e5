import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Transaction } from "../../src/domain/transaction.ts";
import type { SettleDeps } from "../../src/settle/batch.ts";
import type { SettleItem } from "../../src/settle/item.ts";
import { settleBatch } from "../../src/settle/settle.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { kes, learnt, ordered, polled } from "../support/evidence.ts";
import { connection, merchant, type TestConnection, type TestMerchant } from "../support/fixtures.ts";
import { apart, heard, registering, settleDeps, standing, toldOf, transactionsOf } from "../support/settling.ts";

let database: TestDatabase;
let deps: SettleDeps;
let duka: TestMerchant;
let daraja: TestConnection;

beforeAll(async () => {
  database = await testDatabase();
  deps = settleDeps(database.sql);
  duka = await merchant(database.sql);
});

beforeEach(async () => {
  daraja = await connection(database.sql, duka);
});

afterAll(() => database.drop());

const settle = (...items: SettleItem[]) => settleBatch(deps, duka.shard, items);
const all = () => transactionsOf(database.sql, daraja);
const types = async (t: Transaction) => (await toldOf(database.sql, t)).map(e => e.type);
const only = async () => {
  const left = await standing(database.sql, daraja);
  expect(left).toHaveLength(1);
  return left[0]!;
};

const amount = kes(5000);
const register = (n: number, more = {}) =>
  registering(daraja, { refs: { checkout_request_id: `ws_CO_${n}` }, reference: `ORDER-${n}`, amount, ...more });
/** A push's result; the receipt is the payment's. */
const pushPaid = (n: number, receipt: string, more = {}) =>
  heard(
    daraja,
    learnt("completed", {
      identity: [`checkout_request_id:ws_CO_${n}`, `receipt:${receipt}`],
      refs: { checkout_request_id: `ws_CO_${n}`, receipt },
      amount,
      ...more,
    }),
  );
const pushFailed = (n: number) =>
  heard(
    daraja,
    learnt("failed", {
      identity: [`checkout_request_id:ws_CO_${n}`],
      refs: { checkout_request_id: `ws_CO_${n}` },
      result: { code: "1032", description: "cancelled" },
    }),
  );
const confirmed = (receipt: string, more = {}) =>
  heard(
    daraja,
    learnt("completed", { kind: "c2b", identity: [`receipt:${receipt}`], refs: { receipt }, amount, ...more }),
  );

test("a callback that precedes its registration waits for it and is settled by it", async () => {
  await settle(pushPaid(1, "TJIKQ7V33N"));
  expect(await only()).toMatchObject({ status: "pending", registered: false, review: { reason: "unregistered" } });
  await settle(register(1));
  const t = await only();
  expect(t).toMatchObject({ status: "completed", registered: true, review: null, reference: "ORDER-1" });
  expect(await types(t)).toEqual([
    "payment.pending",
    "transaction.review_required",
    "payment.completed",
    "transaction.review_closed",
  ]);
});

test("a registration alone tells nothing, and a repeat of a callback tells nothing more", async () => {
  await settle(register(1));
  expect(await types(await only())).toEqual([]);
  for (let copy = 1; copy <= 3; copy += 1) await settle(pushPaid(1, "TJIKQ7V33N"));
  await settle(heard(daraja, apart(pushPaid(1, "TJIKQ7V33N").evidence[0]!, 2)));
  expect(await types(await only())).toEqual(["payment.completed"]);
});

test("a confirmation that came first is merged into the registered push, which tells that it was", async () => {
  await settle(confirmed("TJIKQ7V33N"));
  const [first] = await all();
  await settle(register(1));
  await settle(pushPaid(1, "TJIKQ7V33N"));
  const t = await only();
  expect(t).toMatchObject({ status: "completed", registered: true, kind: "stk_push", reference: "ORDER-1" });
  expect(await types(t)).toEqual(["transaction.merged"]);
  expect(await types(first!)).toEqual(["payment.completed"]);
  const [merged] = await toldOf(database.sql, t);
  expect(merged).toMatchObject({ sequence: 1, previous: "pending", correction: false });
  expect(merged?.data.from).toBe(`txn_${first!.id.replaceAll("-", "")}`);
  expect(merged?.data.into).toBe(`txn_${t.id.replaceAll("-", "")}`);
  expect((await all()).find(other => other.id === first!.id)?.mergedInto).toBe(t.id);
});

test("a confirmation that comes second is the same payment and tells nothing", async () => {
  await settle(register(1));
  await settle(pushPaid(1, "TJIKQ7V33N"));
  await settle(confirmed("TJIKQ7V33N", { partyName: "JOHN DOE" }));
  const t = await only();
  expect(t).toMatchObject({ partyName: "JOHN DOE" });
  expect(await types(t)).toEqual(["payment.completed"]);
});

test("where neither was registered the older keeps its id", async () => {
  await settle(confirmed("TJIKQ7V33N"));
  const [first] = await all();
  await settle(pushPaid(1, "TJIKQ7V33N"));
  expect((await only()).id).toBe(first!.id);
});

test("a merge that completes what had failed is a correction", async () => {
  await settle(register(1), pushFailed(1));
  await settle(confirmed("TJIKQ7V33N"));
  await settle(pushPaid(1, "TJIKQ7V33N"));
  const told = await toldOf(database.sql, await only());
  expect(told.map(e => [e.type, e.previous, e.correction])).toEqual([
    ["payment.failed", "pending", false],
    ["transaction.merged", "failed", true],
  ]);
});

test("two payments that both were told stay two; the one that learnt the receipt later asks for a review", async () => {
  await settle(register(1), heard(daraja, polled("completed", { identity: ["checkout_request_id:ws_CO_1"] })));
  await settle(confirmed("TJIKQ7V33N"));
  await settle(pushPaid(1, "TJIKQ7V33N"));
  const left = await standing(database.sql, daraja);
  expect(left.map(t => [t.kind, t.status, t.review?.reason])).toEqual([
    ["stk_push", "completed", "duplicate_receipt"],
    ["c2b", "completed", undefined],
  ]);
  const review = (await toldOf(database.sql, left[0]!)).at(-1);
  expect(review).toMatchObject({ type: "transaction.review_required" });
  expect(review?.data.duplicate_of).toBe(`txn_${left[1]!.id.replaceAll("-", "")}`);
});

const together = [true, false];
test.each(together)("two pushes that claim one receipt stay two, in one batch: %s", async inOneBatch => {
  const items = [register(1), register(2), pushPaid(1, "TJIKQ7V33N"), pushPaid(2, "TJIKQ7V33N")];
  if (inOneBatch) await settle(...items);
  else for (const item of items) await settle(item);
  const left = await standing(database.sql, daraja);
  expect(left.map(t => [t.refs.checkout_request_id, t.status, t.review?.reason])).toEqual([
    ["ws_CO_1", "completed", undefined],
    ["ws_CO_2", "completed", "duplicate_receipt"],
  ]);
  expect(left[1]?.review?.duplicate_of).toBe(left[0]?.id);
});

test.each(together)(
  "two pushes nobody registered that claim one receipt stay two, in one batch: %s",
  async inOneBatch => {
    const items = [pushPaid(1, "TJIKQ7V33N"), pushPaid(2, "TJIKQ7V33N")];
    if (inOneBatch) await settle(...items);
    else for (const item of items) await settle(item);
    const left = await standing(database.sql, daraja);
    expect(left.map(t => [t.refs.checkout_request_id, t.review?.reason])).toEqual([
      ["ws_CO_1", "unregistered"],
      ["ws_CO_2", "duplicate_receipt"],
    ]);
    await settle(register(2));
    const [, second] = await standing(database.sql, daraja);
    expect(second).toMatchObject({ registered: true, status: "completed", review: { reason: "duplicate_receipt" } });
  },
);

test("a transaction that was merged in a batch is changed no more in that batch", async () => {
  await settle(confirmed("TJIKQ7V33N"));
  const [first] = await all();
  await settle(register(1));
  await settle(pushPaid(1, "TJIKQ7V33N"), heard(daraja, ordered("refunded", 1), first!.id));
  const t = await only();
  expect(t).toMatchObject({ registered: true, status: "refunded" });
  expect((await all()).find(other => other.id === first!.id)).toMatchObject({ mergedInto: t.id, status: "completed" });
});

test("what is told of a merged transaction's ids afterwards is told of the survivor", async () => {
  await settle(confirmed("TJIKQ7V33N"));
  const [first] = await all();
  await settle(register(1), pushPaid(1, "TJIKQ7V33N"));
  await settle(heard(daraja, ordered("failed", 1), first!.id));
  expect(await only()).toMatchObject({ status: "failed", registered: true });
});

test("a confirmation finds a registered, unfinished push by what the payer typed and the amount", async () => {
  await settle(register(1));
  await settle(confirmed("TJIKQ7V33N", { reference: "  order-1 " }));
  const t = await only();
  expect(t).toMatchObject({ kind: "stk_push", status: "completed", refs: { receipt: "TJIKQ7V33N" } });
  expect(await types(t)).toEqual(["payment.completed"]);
});

test("a confirmation of another amount, another reference or a finished push is a payment of its own", async () => {
  await settle(register(1), register(2), register(3));
  await settle(pushPaid(3, "TJIKQ7V33A"));
  await settle(confirmed("TJIKQ7V33B", { reference: "ORDER-1", amount: kes(4999) }));
  await settle(confirmed("TJIKQ7V33C", { reference: "ORDER-4" }));
  await settle(confirmed("TJIKQ7V33D", { reference: "ORDER-3" }));
  const left = await standing(database.sql, daraja);
  expect(left.map(t => [t.kind, t.status])).toEqual([
    ["stk_push", "pending"],
    ["stk_push", "pending"],
    ["stk_push", "completed"],
    ["c2b", "completed"],
    ["c2b", "completed"],
    ["c2b", "completed"],
  ]);
});

test("two confirmations that fit one registration settle it once; the other is a payment of its own", async () => {
  await settle(register(1));
  await settle(confirmed("TJIKQ7V33N", { reference: "ORDER-1" }), confirmed("TJIKQ7V33P", { reference: "ORDER-1" }));
  const left = await standing(database.sql, daraja);
  expect(left.map(t => [t.kind, t.status, t.refs.receipt])).toEqual([
    ["stk_push", "completed", "TJIKQ7V33N"],
    ["c2b", "completed", "TJIKQ7V33P"],
  ]);
});

test("regression: a callback that joins two groups of its batch by three ids loses no other item of the batch", async () => {
  const ids = { conversation_id: "AG_1", originator_conversation_id: "OC_1", receipt: "TJIKQ7V33N" };
  const identity = Object.entries(ids).map(([name, value]) => `${name}:${value}`);
  const payout = (keys: string[]) => heard(daraja, learnt("pending", { kind: "b2c", identity: keys, refs: {} }));
  const { settled } = await settle(
    payout(identity.slice(0, 1)),
    payout(identity.slice(1)),
    register(2),
    payout(identity),
    register(3),
  );
  expect(settled.map(item => item.transactionIds.length)).toEqual([1, 1, 1, 1, 1]);
  expect(await standing(database.sql, daraja)).toHaveLength(3);
});
