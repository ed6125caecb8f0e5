import fc from "fast-check";
import { expect, test } from "vitest";
import { publicId } from "../../src/domain/ids.ts";
import { kes, operatorSays } from "../support/evidence.ts";
import { c2bPaid, pushPaid, pushRefs, settleBundle } from "../support/settle-bundle.ts";

const { settle, settleAll, says, registers, remaining, eventsOf, eventTypesOf } = settleBundle();

const order = (minor = 500_000) => registers({ refs: pushRefs(1), reference: "ORDER-U", amount: kes(minor) });
const payment = (receipt: string, minor: number, reference = " order-u ") =>
  says(c2bPaid(receipt, { reference, amount: kes(minor) }));
const orderPaid = () => says(pushPaid(1, "TJIPAID", { amount: kes(500_000) }));

async function orderAndPayments() {
  const all = await remaining();
  const registered = all.find(t => t.registered)!;
  return { order: registered, payments: all.filter(t => !t.registered) };
}

test("regression: KES 1 with a victim's order number is a payment of its own that its first event puts under review", async () => {
  await settle(order());
  await settle(payment("TJI1", 100));
  const { order: victim, payments } = await orderAndPayments();
  expect(victim).toMatchObject({ status: "pending", amount: kes(500_000) });
  expect(payments).toMatchObject([{ kind: "c2b", status: "completed", amount: kes(100) }]);
  const [first] = await eventsOf(payments[0]!);
  expect(first).toMatchObject({
    type: "payment.completed",
    data: {
      transaction: {
        amount: "1.00",
        review: {
          reason: "amount_mismatch",
          expected: { amount: "5000.00", currency: "KES" },
          told: { amount: "1.00", currency: "KES" },
          related: [publicId("transaction", victim.id)],
        },
      },
    },
  });
  expect(await eventTypesOf(payments[0]!)).toEqual(["payment.completed", "transaction.review_required"]);
});

test("registration and payments in any order and any batches come to the same reviews, and the paid order closes them", async () => {
  const pieces = ["order", "one", "two"] as const;
  let played = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray([...pieces], { minLength: pieces.length }),
      fc.boolean(),
      async (names, inOneBatch) => {
        played += 1;
        const reference = `ORDER-${played}`;
        const refs = { checkout_request_id: `ws_CO_${reference}` };
        const items = names.map(name =>
          name === "order"
            ? registers({ refs, reference, amount: kes(500_000) })
            : payment(`${name}${reference}`, name === "one" ? 100 : 200, reference),
        );
        await settleAll(items, inOneBatch);
        const mine = async () => {
          const all = (await remaining()).filter(t => t.reference?.trim().toLowerCase() === reference.toLowerCase());
          return { order: all.find(t => t.registered)!, payments: all.filter(t => !t.registered) };
        };
        const before = await mine();
        expect(before.order.review).toMatchObject({
          reason: "amount_mismatch",
          expected: { amount: "5000.00" },
          told: { amount: "3.00" },
          related: before.payments.map(({ id }) => id).sort(),
        });
        for (const each of before.payments) {
          expect(each).toMatchObject({
            status: "completed",
            review: { reason: "amount_mismatch", related: [before.order.id] },
          });
        }
        const identity = [`checkout_request_id:${refs.checkout_request_id}`, `receipt:P${reference}`];
        await settle(
          says(
            pushPaid(1, `P${reference}`, {
              refs: { ...refs, receipt: `P${reference}` },
              identity,
              amount: kes(500_000),
            }),
          ),
        );
        const after = await mine();
        expect(after.order).toMatchObject({ status: "completed", review: null });
        for (const each of after.payments) {
          expect(each).toMatchObject({ status: "completed", review: null });
          expect((await eventTypesOf(each)).at(-1)).toBe("transaction.review_closed");
        }
      },
    ),
    { numRuns: 30 },
  );
}, 60_000);

test("a resolved payment closes its own review, and a resolved order closes all", async () => {
  await settle(order(), payment("TJI1", 100), payment("TJI2", 200));
  const { order: registered, payments } = await orderAndPayments();
  const [one, two] = payments;
  await settle(says(operatorSays("completed", 1), one!.id));
  const halfway = await orderAndPayments();
  expect(halfway.payments.map(({ review }) => review?.reason ?? null).sort()).toEqual(["amount_mismatch", null]);
  expect(halfway.order.review?.related).toEqual([one!.id, two!.id].sort());
  await settle(says(operatorSays("failed", 2), registered.id));
  const end = await orderAndPayments();
  expect([end.order, ...end.payments].map(({ review }) => review)).toEqual([null, null, null]);
});

test("an order that learns of another payment tells so in an event", async () => {
  await settle(order());
  await settle(payment("TJI1", 100));
  await settle(payment("TJI2", 200));
  const { order: registered } = await orderAndPayments();
  expect(await eventTypesOf(registered)).toEqual(["transaction.review_required", "transaction.review_required"]);
});

test("an order that is amended to what was paid takes the payment in, and is told once", async () => {
  await settle(order());
  await settle(payment("TJI1", 100));
  await settle(registers({ refs: pushRefs(1), reference: "ORDER-U", amount: kes(100) }, { amend: true }));
  const all = await remaining();
  expect(all).toMatchObject([{ registered: true, status: "completed", amount: kes(100), review: null }]);
  const types = await eventTypesOf(all[0]!);
  expect(types).toContain("transaction.merged");
  expect(types).not.toContain("payment.completed");
});

test("an amended order shows its new amount in the reviews of its payments", async () => {
  await settle(order());
  await settle(payment("TJI1", 100));
  await settle(registers({ refs: pushRefs(1), reference: "ORDER-U", amount: kes(400_000) }, { amend: true }));
  const { order: registered, payments } = await orderAndPayments();
  for (const { review } of [registered, ...payments]) expect(review?.expected?.amount).toBe("4000.00");
});

test("a payment of an order that is paid already is a payment of its own without a review", async () => {
  await settle(order());
  await settle(orderPaid());
  await settle(payment("TJI1", 100));
  const { payments } = await orderAndPayments();
  expect(payments).toMatchObject([{ status: "completed", review: null }]);
});
