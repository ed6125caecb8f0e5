import { afterAll, beforeAll, expect, test } from "vitest";
import type { SettleDeps } from "../../src/settle/batch.ts";
import type { SettleItem } from "../../src/settle/item.ts";
import { settleBatch } from "../../src/settle/settle.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { kes, learnt } from "../support/evidence.ts";
import { connection, merchant, type TestConnection, type TestMerchant } from "../support/fixtures.ts";
import { heard, registering, settleDeps, transactionsOf } from "../support/settling.ts";

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
const amount = kes(5000);

function payment(daraja: TestConnection, n: number) {
  const refs = { checkout_request_id: `ws_CO_${n}` };
  const receipt = `TJ${String(n).padStart(8, "0")}`;
  const identity = [`checkout_request_id:ws_CO_${n}`, `receipt:${receipt}`];
  return {
    registration: registering(daraja, { refs, amount }),
    callback: heard(daraja, learnt("completed", { identity, refs: { ...refs, receipt }, amount })),
    confirmation: heard(
      daraja,
      learnt("completed", { kind: "c2b", identity: [`receipt:${receipt}`], refs: { receipt }, amount }),
    ),
  };
}

/** Runs `count` races, a few at a time. */
async function races(count: number, race: (n: number) => Promise<unknown>): Promise<void> {
  const atOnce = 4;
  for (let n = 0; n < count; n += atOnce) {
    await Promise.all(Array.from({ length: Math.min(atOnce, count - n) }, (_, at) => race(n + at)));
  }
}

async function completedEvents(daraja: TestConnection): Promise<number[]> {
  const rows = await database.sql<{ told: bigint }[]>`
    select count(*) as told from events e join transactions t on t.shard = e.shard and t.id = e.transaction_id
    where t.connection_id = ${daraja.id} and e.type = 'payment.completed' group by e.transaction_id`;
  return rows.map(row => Number(row.told));
}

test("a registration and a callback that race are one completed transaction, a thousand times", async () => {
  const daraja = await connection(database.sql, duka);
  await races(1000, async n => {
    const { registration, callback } = payment(daraja, n);
    await Promise.all(n % 2 ? [settle(registration), settle(callback)] : [settle(callback), settle(registration)]);
  });
  const all = await transactionsOf(database.sql, daraja);
  expect(all).toHaveLength(1000);
  expect(all.filter(t => t.status !== "completed" || !t.registered || t.review !== null)).toEqual([]);
  expect(await completedEvents(daraja)).toEqual(Array.from({ length: 1000 }, () => 1));
}, 120_000);

test("copies of a callback, its confirmation and the registration that race are one payment, told once", async () => {
  const daraja = await connection(database.sql, duka);
  await races(150, async n => {
    const { registration, callback, confirmation } = payment(daraja, n);
    await Promise.all([registration, callback, confirmation, callback, confirmation].map(item => settle(item)));
  });
  const all = await transactionsOf(database.sql, daraja);
  const standing = all.filter(t => t.mergedInto === null);
  expect(standing).toHaveLength(150);
  expect(standing.filter(t => t.status !== "completed" || !t.registered || t.review !== null)).toEqual([]);
  expect(await completedEvents(daraja)).toEqual(Array.from({ length: 150 }, () => 1));
}, 120_000);

test("batches that hold the same payments in other orders end, and end the same", async () => {
  const daraja = await connection(database.sql, duka);
  const payments = Array.from({ length: 60 }, (_, n) => payment(daraja, n));
  await Promise.all([
    settle(...payments.map(p => p.registration)),
    settle(...payments.map(p => p.callback).reverse()),
    settle(...payments.map(p => p.confirmation)),
    settle(...payments.map(p => p.callback)),
  ]);
  const standing = (await transactionsOf(database.sql, daraja)).filter(t => t.mergedInto === null);
  expect(standing).toHaveLength(60);
  expect(standing.filter(t => t.status !== "completed" || t.review !== null)).toEqual([]);
});
