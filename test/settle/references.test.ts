import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { SettleDeps } from "../../src/settle/batch.ts";
import type { SettleItem } from "../../src/settle/item.ts";
import { settleBatch } from "../../src/settle/settle.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { kes, learnt } from "../support/evidence.ts";
import { connection, merchant, type TestConnection, type TestMerchant } from "../support/fixtures.ts";
import { heard, registering, settleDeps, standing, toldOf, transactionsOf } from "../support/settling.ts";

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
const amount = kes(5000);

/** One order: registered by its reference, its push under an id, the payer's confirmation under the reference. */
function order(n: number) {
  const [id, reference] = [`ws_CO_${n}`, `ORDER-${n}`];
  const receiptOf = (letter: string) => `T${letter}${String(n).padStart(8, "0")}`;
  const common = { reference, amount };
  return {
    byReference: registering(daraja, common),
    withId: registering(daraja, { ...common, refs: { checkout_request_id: id } }),
    pushed: (letter: string) => {
      const receipt = receiptOf(letter);
      const identity = [`checkout_request_id:${id}`, `receipt:${receipt}`];
      return heard(daraja, learnt("completed", { identity, refs: { checkout_request_id: id, receipt }, amount }));
    },
    confirmed: (letter: string) => {
      const receipt = receiptOf(letter);
      const identity = [`receipt:${receipt}`];
      return heard(daraja, learnt("completed", { kind: "c2b", identity, refs: { receipt }, reference, amount }));
    },
  };
}

/** Runs `count` races, a few at a time. */
async function races(count: number, race: (n: number) => Promise<unknown>): Promise<void> {
  const atOnce = 2;
  for (let n = 0; n < count; n += atOnce) await Promise.all(Array.from({ length: atOnce }, (_, at) => race(n + at)));
}

test("regression-001: ids that are added to a registration find the callback that came before them", async () => {
  const { byReference, withId, pushed } = order(1);
  await settle(byReference);
  const [registered] = await transactionsOf(database.sql, daraja);
  await settle(pushed("A"));
  const { settled } = await settle(withId);
  expect(settled[0]).toMatchObject({ created: false, transactionIds: [registered!.id] });
  const left = await standing(database.sql, daraja);
  expect(left).toHaveLength(1);
  expect(left[0]).toMatchObject({ id: registered!.id, status: "completed", review: null, reference: "ORDER-1" });
  expect((await toldOf(database.sql, left[0]!)).map(e => e.type)).toEqual(["transaction.merged", "payment.completed"]);
});

test("regression-001: a registration sent again takes no other that waits under its reference", async () => {
  const { byReference, withId } = order(1);
  await settle(withId);
  await settle(byReference);
  await settle(withId);
  const left = await standing(database.sql, daraja);
  expect(left.map(t => t.refs)).toEqual([{ checkout_request_id: "ws_CO_1" }, {}]);
});

test("regression-002: a registration and a confirmation under its reference that race are one payment", async () => {
  await races(40, async n => {
    const { withId, confirmed } = order(n);
    const racers = [withId, confirmed("A")];
    await Promise.all((n % 2 ? racers : racers.reverse()).map(item => settle(item)));
  });
  const left = await standing(database.sql, daraja);
  expect(left.filter(t => t.status !== "completed" || !t.registered)).toEqual([]);
  expect(left).toHaveLength(40);
});

test("regression-003: of two confirmations that race for one registration, one is a payment of its own", async () => {
  await races(40, async n => {
    const { withId, confirmed } = order(n);
    await settle(withId);
    await Promise.all([settle(confirmed("A")), settle(confirmed("B"))]);
  });
  const left = await standing(database.sql, daraja);
  expect(left).toHaveLength(80);
  expect(left.filter(t => t.status !== "completed")).toEqual([]);
});

test("regression-004: a confirmation settled together with the push of another receipt is a payment of its own", async () => {
  const { withId, pushed, confirmed } = order(1);
  await settle(withId);
  await settle(confirmed("B"), pushed("A"));
  const left = await standing(database.sql, daraja);
  expect(left.map(t => [t.kind, t.status, t.refs.receipt])).toEqual([
    ["stk_push", "completed", "TA00000001"],
    ["c2b", "completed", "TB00000001"],
  ]);
});

test("a confirmation settled together with the push of its own receipt is that payment", async () => {
  const { withId, pushed, confirmed } = order(1);
  await settle(withId);
  await settle(confirmed("A"), pushed("A"));
  expect(await standing(database.sql, daraja)).toHaveLength(1);
});

test("regression-013: a registration that names no amount is a payment under its reference, whichever comes first", async () => {
  const { confirmed } = order(1);
  const bare = registering(daraja, { kind: "c2b", reference: "order-1" });
  await settle(confirmed("A"));
  await settle(bare);
  expect(await standing(database.sql, daraja)).toMatchObject([{ status: "completed", registered: true, amount }]);
});

test("regression-014: a reference with letters beyond ASCII is found as it was registered", async () => {
  const reference = "ÉCOLE 7";
  await settle(registering(daraja, { kind: "c2b", reference, amount }));
  const receipt = "TJIKQ7V33N";
  const identity = [`receipt:${receipt}`];
  await settle(heard(daraja, learnt("completed", { kind: "c2b", identity, refs: { receipt }, reference, amount })));
  expect(await standing(database.sql, daraja)).toMatchObject([{ status: "completed", registered: true }]);
});
