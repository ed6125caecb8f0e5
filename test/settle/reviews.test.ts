import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { SettleDeps } from "../../src/settle/batch.ts";
import type { SettleItem } from "../../src/settle/item.ts";
import { settleBatch } from "../../src/settle/settle.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { kes, learnt, ordered, polled } from "../support/evidence.ts";
import { connection, merchant, type TestConnection, type TestMerchant } from "../support/fixtures.ts";
import { heard, registering, settleDeps, standing, toldOf } from "../support/settling.ts";

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
const only = async () => (await standing(database.sql, daraja))[0]!;
const types = async () => (await toldOf(database.sql, await only())).map(e => e.type);
const about = { identity: ["checkout_request_id:ws_CO_1"], refs: { checkout_request_id: "ws_CO_1" } };
const register = () =>
  settle(registering(daraja, { refs: { checkout_request_id: "ws_CO_1" }, reference: "ORDER-1", amount: kes(5000) }));
const paid = (minor: number) => heard(daraja, learnt("completed", { ...about, amount: kes(minor) }));

test("a success with another amount settles nothing, asks for a review, and the right one closes it", async () => {
  await register();
  await settle(paid(4999));
  expect(await only()).toMatchObject({ status: "pending", review: { reason: "amount_mismatch" }, amount: kes(5000) });
  const since = (await only()).review?.since;
  await settle(heard(daraja, polled("processing", about)));
  expect((await only()).review?.since).toBe(since);
  await settle(paid(5000));
  expect(await only()).toMatchObject({ status: "completed", review: null });
  expect(await types()).toEqual([
    "transaction.review_required",
    "payment.processing",
    "payment.completed",
    "transaction.review_closed",
  ]);
});

test("an amount that is registered anew can settle what the first one held up", async () => {
  await register();
  await settle(paid(4000));
  await settle(registering(daraja, { refs: { checkout_request_id: "ws_CO_1" }, amount: kes(4000) }));
  expect(await only()).toMatchObject({ status: "completed", amount: kes(4000), review: null });
});

test("an operator decides what a wrong amount comes to", async () => {
  await register();
  await settle(paid(4999));
  await settle(heard(daraja, ordered("completed", 1), (await only()).id));
  expect(await only()).toMatchObject({ status: "completed", statusSource: "operator", review: null });
});

test("a success that nobody registered and nobody can be asked about waits for a registration or proof", async () => {
  await settle(paid(5000));
  expect(await only()).toMatchObject({ status: "pending", registered: false, review: { reason: "unregistered" } });
  await settle(heard(daraja, polled("completed", about)));
  expect(await only()).toMatchObject({ status: "completed", review: null, registered: false });
  expect(await types()).toEqual([
    "payment.pending",
    "transaction.review_required",
    "payment.completed",
    "transaction.review_closed",
  ]);
});

test("one review gives way to another of a different reason, and each is told", async () => {
  await settle(paid(4999));
  await register();
  expect(await only()).toMatchObject({ review: { reason: "amount_mismatch" } });
  expect(await types()).toEqual(["payment.pending", "transaction.review_required", "transaction.review_required"]);
});

test("a success after a failure is a correction; an answer that still says failed is a conflict", async () => {
  await register();
  await settle(heard(daraja, polled("failed", about)));
  await settle(paid(5000));
  expect(await only()).toMatchObject({ status: "completed", review: { reason: "conflict" } });
  const told = await toldOf(database.sql, await only());
  expect(told.map(e => [e.type, e.previous, e.correction])).toEqual([
    ["payment.failed", "pending", false],
    ["payment.completed", "failed", true],
    ["transaction.review_required", "completed", false],
  ]);
  await settle(heard(daraja, ordered("completed", 1), (await only()).id));
  expect(await only()).toMatchObject({ status: "completed", review: null });
  expect((await types()).at(-1)).toBe("transaction.review_closed");
});
