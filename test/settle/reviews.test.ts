import { expect, test } from "vitest";
import { callbackSays, kes, operatorSays, pollSays } from "../support/evidence.ts";
import { pushRefs, settleBundle } from "../support/settle-bundle.ts";

const { settle, says, registers, theTransaction, eventsOf, eventTypesOf } = settleBundle();

const push = { identity: ["checkout_request_id:ws_CO_1"], refs: pushRefs(1) };
const registersPush = () => registers({ refs: pushRefs(1), reference: "ORDER-1", amount: kes(5000) });
const pushIsPaid = (minor: number) => says(callbackSays("completed", { ...push, amount: kes(minor) }));
const eventTypes = async () => eventTypesOf(await theTransaction());

test("a success of another amount settles nothing and needs a review, which a success of the right amount closes", async () => {
  await settle(registersPush());
  await settle(pushIsPaid(4999));
  expect(await theTransaction()).toMatchObject({
    status: "pending",
    review: { reason: "amount_mismatch" },
    amount: kes(5000),
  });
  const since = (await theTransaction()).review?.since;
  await settle(says(pollSays("processing", push)));
  expect((await theTransaction()).review?.since).toBe(since);
  await settle(pushIsPaid(5000));
  expect(await theTransaction()).toMatchObject({ status: "completed", review: null });
  expect(await eventTypes()).toEqual([
    "transaction.review_required",
    "payment.processing",
    "payment.completed",
    "transaction.review_closed",
  ]);
});

test("an amendment that corrects the amount settles a success that did not match", async () => {
  await settle(registersPush());
  await settle(pushIsPaid(4000));
  await settle(registers({ refs: { checkout_request_id: "ws_CO_1" }, amount: kes(4000) }, { amend: true }));
  expect(await theTransaction()).toMatchObject({ status: "completed", amount: kes(4000), review: null });
});

test("an operator's decision settles a success of another amount", async () => {
  await settle(registersPush());
  await settle(pushIsPaid(4999));
  await settle(says(operatorSays("completed", 1), (await theTransaction()).id));
  expect(await theTransaction()).toMatchObject({ status: "completed", statusSource: "operator", review: null });
});

test("an unregistered success that cannot be polled waits for a registration or proof", async () => {
  await settle(pushIsPaid(5000));
  expect(await theTransaction()).toMatchObject({
    status: "pending",
    registered: false,
    review: { reason: "unregistered" },
  });
  await settle(says(pollSays("completed", push)));
  expect(await theTransaction()).toMatchObject({ status: "completed", review: null, registered: false });
  expect(await eventTypes()).toEqual([
    "payment.pending",
    "transaction.review_required",
    "payment.completed",
    "transaction.review_closed",
  ]);
});

test("a review replaces one of another reason, with an event for each", async () => {
  await settle(pushIsPaid(4999));
  await settle(registersPush());
  expect(await theTransaction()).toMatchObject({ review: { reason: "amount_mismatch" } });
  expect(await eventTypes()).toEqual(["payment.pending", "transaction.review_required", "transaction.review_required"]);
});

test("a success after a failed poll is a correction and a conflict", async () => {
  await settle(registersPush());
  await settle(says(pollSays("failed", push)));
  await settle(pushIsPaid(5000));
  expect(await theTransaction()).toMatchObject({ status: "completed", review: { reason: "conflict" } });
  const events = await eventsOf(await theTransaction());
  expect(events.map(e => [e.type, e.previous, e.correction])).toEqual([
    ["payment.failed", "pending", false],
    ["payment.completed", "failed", true],
    ["transaction.review_required", "completed", false],
  ]);
  await settle(says(operatorSays("completed", 1), (await theTransaction()).id));
  expect(await theTransaction()).toMatchObject({ status: "completed", review: null });
  expect((await eventTypes()).at(-1)).toBe("transaction.review_closed");
});

test("regression: a mismatch tells what was registered and what was paid, in its event", async () => {
  await settle(registersPush());
  await settle(pushIsPaid(4999));
  const [event] = await eventsOf(await theTransaction());
  expect(event).toMatchObject({
    type: "transaction.review_required",
    data: {
      transaction: {
        review: {
          reason: "amount_mismatch",
          expected: { amount: "50.00", currency: "KES" },
          told: { amount: "49.99", currency: "KES" },
          related: [],
        },
      },
    },
  });
});
