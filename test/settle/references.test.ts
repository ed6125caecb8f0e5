import { expect, test } from "vitest";
import { amount, c2bPaid, pushPaid, pushRefs, runRaces, settleBundle } from "../support/settle-bundle.ts";

const { settle, says, registers, transactions, remaining, eventTypesOf } = settleBundle();

/** The `n`-th order: its registrations, its push's callback, and confirmations under its reference. */
function order(n: number) {
  const reference = `ORDER-${n}`;
  const receipt = (letter: string) => `T${letter}${String(n).padStart(8, "0")}`;
  return {
    registeredWithoutId: registers({ reference, amount }),
    registeredWithId: registers({ reference, amount, refs: pushRefs(n) }),
    pushIsPaid: (letter: string) => says(pushPaid(n, receipt(letter))),
    c2bIsPaid: (letter: string) => says(c2bPaid(receipt(letter), { reference })),
  };
}

test("regression: ids that are added to a registration find the callback that came before them", async () => {
  const { registeredWithoutId, registeredWithId, pushIsPaid } = order(1);
  await settle(registeredWithoutId);
  const [registered] = await transactions();
  await settle(pushIsPaid("A"));
  const { settled } = await settle(registeredWithId);
  expect(settled[0]).toMatchObject({ created: false, transactionIds: [registered!.id] });
  const left = await remaining();
  expect(left).toHaveLength(1);
  expect(left[0]).toMatchObject({ id: registered!.id, status: "completed", review: null, reference: "ORDER-1" });
  expect(await eventTypesOf(left[0]!)).toEqual(["transaction.merged", "payment.completed"]);
});

test("regression: a repeated registration with ids brings them to no registration that awaits ids", async () => {
  const { registeredWithoutId, registeredWithId } = order(1);
  await settle(registeredWithId);
  await settle(registeredWithoutId);
  await settle(registeredWithId);
  expect((await remaining()).map(t => t.refs)).toEqual([{ checkout_request_id: "ws_CO_1" }, {}]);
});

test("regression: a registration and a confirmation under its reference that race are one payment", async () => {
  await runRaces(40, 2, async n => {
    const { registeredWithId, c2bIsPaid } = order(n);
    const racers = [registeredWithId, c2bIsPaid("A")];
    await Promise.all((n % 2 ? racers : racers.reverse()).map(item => settle(item)));
  });
  const left = await remaining();
  expect(left.filter(t => t.status !== "completed" || !t.registered)).toEqual([]);
  expect(left).toHaveLength(40);
});

test("regression: of two confirmations that race for one registration, one is a payment of its own", async () => {
  await runRaces(40, 2, async n => {
    const { registeredWithId, c2bIsPaid } = order(n);
    await settle(registeredWithId);
    await Promise.all([settle(c2bIsPaid("A")), settle(c2bIsPaid("B"))]);
  });
  const left = await remaining();
  expect(left).toHaveLength(80);
  expect(left.filter(t => t.status !== "completed")).toEqual([]);
});

test("regression: a confirmation settled together with the push of another receipt is a payment of its own", async () => {
  const { registeredWithId, pushIsPaid, c2bIsPaid } = order(1);
  await settle(registeredWithId);
  await settle(c2bIsPaid("B"), pushIsPaid("A"));
  expect((await remaining()).map(t => [t.kind, t.status, t.refs.receipt])).toEqual([
    ["stk_push", "completed", "TA00000001"],
    ["c2b", "completed", "TB00000001"],
  ]);
});

test("a confirmation settled together with the push of its own receipt is that payment", async () => {
  const { registeredWithId, pushIsPaid, c2bIsPaid } = order(1);
  await settle(registeredWithId);
  await settle(c2bIsPaid("A"), pushIsPaid("A"));
  expect(await remaining()).toHaveLength(1);
});

test("regression: a registration without an amount matches the payment under its reference, whichever comes first", async () => {
  const { c2bIsPaid } = order(1);
  await settle(c2bIsPaid("A"));
  await settle(registers({ kind: "c2b", reference: "order-1" }));
  expect(await remaining()).toMatchObject([{ status: "completed", registered: true, amount }]);
});

test("regression: a reference with letters beyond ASCII is found as it was registered", async () => {
  const reference = "ÉCOLE 7";
  await settle(registers({ kind: "c2b", reference, amount }));
  await settle(says(c2bPaid("TJIKQ7V33N", { reference })));
  expect(await remaining()).toMatchObject([{ status: "completed", registered: true }]);
});
