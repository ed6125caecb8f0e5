import { expect, test } from "vitest";
import { kes } from "../support/evidence.ts";
import { pushRefs, settleBundle } from "../support/settle-bundle.ts";
import { registrationItem, remainingTransactions } from "../support/settling.ts";

const { sql, anotherConnection, settle, registers, remaining } = settleBundle();

const order = { reference: "ORDER-1", amount: kes(5000) };
const orderAwaitsIds = () => registers({ ...order, refs: {} });
const pushOfOrder = (n: number) => registers({ ...order, refs: pushRefs(n) });

/** Checkout ids of the first `count` pushes. */
const pushIds = (count: number) => Array.from({ length: count }, (_, n) => pushRefs(n).checkout_request_id);

test("regression: of pushes for one order that are registered in one batch, one gets the registration that awaits ids", async () => {
  const [first] = (await settle(orderAwaitsIds())).settled;
  const { settled } = await settle(pushOfOrder(0), pushOfOrder(1), pushOfOrder(2));
  expect(settled.map(s => s.created)).toEqual([false, true, true]);
  expect(settled[0]!.transactionIds).toEqual(first!.transactionIds);
  expect(new Set(settled.flatMap(s => s.transactionIds)).size).toBe(3);
  expect((await remaining()).map(t => t.refs.checkout_request_id).sort()).toEqual(pushIds(3));
});

test("regression: pushes for one order that race from many processes are a transaction each", async () => {
  for (let round = 0; round < 20; round += 1) {
    const connection = await anotherConnection();
    await settle(registrationItem(connection, { ...order, refs: {} }));
    const pushes = Array.from({ length: 6 }, (_, n) => registrationItem(connection, { ...order, refs: pushRefs(n) }));
    const results = await Promise.all(pushes.map(push => settle(push)));
    expect(results.filter(({ settled }) => !settled[0]!.created)).toHaveLength(1);
    const transactions = await remainingTransactions(sql(), connection);
    expect(transactions.map(t => t.refs.checkout_request_id).sort()).toEqual(pushIds(6));
  }
});

test("a registration without ids that is repeated in the batch that brings its ids stays one transaction", async () => {
  await settle(orderAwaitsIds());
  const { settled } = await settle(orderAwaitsIds(), pushOfOrder(0), orderAwaitsIds());
  expect(new Set(settled.flatMap(s => s.transactionIds)).size).toBe(1);
  expect((await remaining()).map(t => t.refs.checkout_request_id)).toEqual(pushIds(1));
});
