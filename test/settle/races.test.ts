import { expect, test } from "vitest";
import { amount, c2bPaid, pushPaid, pushRefs, runRaces, settleBundle } from "../support/settle-bundle.ts";

const { sql, daraja, settle, says, registers, transactions, remaining } = settleBundle();

/** The `n`-th payment: its registration, its push's callback, and its C2B confirmation with the same receipt. */
function payment(n: number) {
  const receipt = `TJ${String(n).padStart(8, "0")}`;
  return {
    registration: registers({ refs: pushRefs(n), amount }),
    callback: says(pushPaid(n, receipt)),
    confirmation: says(c2bPaid(receipt)),
  };
}

/** Counts of `payment.completed` by transaction. */
async function completedEvents(): Promise<number[]> {
  const rows = await sql()<{ events: bigint }[]>`
    select count(*) as events from events e join transactions t on t.shard = e.shard and t.id = e.transaction_id
    where t.connection_id = ${daraja().id} and e.type = 'payment.completed' group by e.transaction_id`;
  return rows.map(row => Number(row.events));
}

test("a registration and a callback that race are one completed transaction, a thousand times", async () => {
  await runRaces(1000, 4, async n => {
    const { registration, callback } = payment(n);
    await Promise.all(n % 2 ? [settle(registration), settle(callback)] : [settle(callback), settle(registration)]);
  });
  const all = await transactions();
  expect(all).toHaveLength(1000);
  expect(all.filter(t => t.status !== "completed" || !t.registered || t.review !== null)).toEqual([]);
  expect(await completedEvents()).toEqual(Array.from({ length: 1000 }, () => 1));
}, 120_000);

test("copies of a callback, its confirmation and the registration that race are one payment with one event", async () => {
  await runRaces(150, 4, async n => {
    const { registration, callback, confirmation } = payment(n);
    await Promise.all([registration, callback, confirmation, callback, confirmation].map(item => settle(item)));
  });
  const payments = await remaining();
  expect(payments).toHaveLength(150);
  expect(payments.filter(t => t.status !== "completed" || !t.registered || t.review !== null)).toEqual([]);
  expect(await completedEvents()).toEqual(Array.from({ length: 150 }, () => 1));
}, 120_000);

test("batches that hold the same payments in other orders end, and end the same", async () => {
  const payments = Array.from({ length: 60 }, (_, n) => payment(n));
  await Promise.all([
    settle(...payments.map(p => p.registration)),
    settle(...payments.map(p => p.callback).reverse()),
    settle(...payments.map(p => p.confirmation)),
    settle(...payments.map(p => p.callback)),
  ]);
  const settled = await remaining();
  expect(settled).toHaveLength(60);
  expect(settled.filter(t => t.status !== "completed" || t.review !== null)).toEqual([]);
});
