import { afterAll, beforeAll, expect, test } from "vitest";
import type { SettleDeps } from "../../src/settle/batch.ts";
import type { SettleItem } from "../../src/settle/item.ts";
import { settleBatch } from "../../src/settle/settle.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { kes } from "../support/evidence.ts";
import { connection, merchant, type TestConnection, type TestMerchant } from "../support/fixtures.ts";
import { registering, settleDeps, standing } from "../support/settling.ts";

let database: TestDatabase;
let deps: SettleDeps;
let duka: TestMerchant;

beforeAll(async () => {
  database = await testDatabase();
  deps = settleDeps(database.sql);
  duka = await merchant(database.sql);
});

afterAll(() => database.drop());

const settle = (...items: SettleItem[]) => settleBatch(deps, duka.shard, items);
const order = { reference: "ORDER-1", amount: kes(5000) };
const waiting = (daraja: TestConnection) => registering(daraja, { ...order, refs: {} });
const push = (daraja: TestConnection, n: number) =>
  registering(daraja, { ...order, refs: { checkout_request_id: `ws_CO_${n}` } });

/** Every push is there once, and none hides behind another's transaction. */
async function expectApart(daraja: TestConnection, count: number) {
  const ids = (await standing(database.sql, daraja)).map(t => t.refs.checkout_request_id);
  expect(ids.sort()).toEqual(Array.from({ length: count }, (_, n) => `ws_CO_${n}`).sort());
}

test("regression: of pushes for one order that are registered in one batch, one takes the registration that waits", async () => {
  const daraja = await connection(database.sql, duka);
  const [first] = (await settle(waiting(daraja))).settled;
  const { settled } = await settle(push(daraja, 0), push(daraja, 1), push(daraja, 2));
  expect(settled.map(s => s.created)).toEqual([false, true, true]);
  expect(settled[0]!.transactionIds).toEqual(first!.transactionIds);
  expect(new Set(settled.flatMap(s => s.transactionIds)).size).toBe(3);
  await expectApart(daraja, 3);
});

test("regression: pushes for one order that race from many processes are a transaction each", async () => {
  for (let round = 0; round < 20; round += 1) {
    const daraja = await connection(database.sql, duka);
    await settle(waiting(daraja));
    const results = await Promise.all(Array.from({ length: 6 }, (_, n) => settle(push(daraja, n))));
    expect(results.filter(({ settled }) => !settled[0]!.created)).toHaveLength(1);
    await expectApart(daraja, 6);
  }
});

test("a registration without ids that is sent again while its ids come is not made anew in their batch", async () => {
  const daraja = await connection(database.sql, duka);
  await settle(waiting(daraja));
  const { settled } = await settle(waiting(daraja), push(daraja, 0), waiting(daraja));
  expect(new Set(settled.flatMap(s => s.transactionIds)).size).toBe(1);
  await expectApart(daraja, 1);
});
