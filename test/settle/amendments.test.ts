import { expect, test } from "vitest";
import { kes } from "../support/evidence.ts";
import { pushPaid, pushRefs, settleBundle } from "../support/settle-bundle.ts";

const { sql, settle, says, registers, theTransaction, remaining, eventTypesOf } = settleBundle();

const first = { refs: pushRefs(1), reference: "ORDER-1", amount: kes(5000), phone: "+254700000001" };

async function registrationsOf({ shard, id }: { shard: number; id: string }) {
  const rows = await sql()<{ id: string; sealed: Buffer }[]>`
    select id, sealed from registrations where shard = ${shard} and transaction_id = ${id} order by id`;
  type Amount = { amount: string | null };
  return rows.map(row => {
    const stored = sql().vault.openJson<{ values: Amount; amendedFrom: Amount | null }>(
      "registrations",
      row.id,
      row.sealed,
    );
    return { amount: stored.values.amount, from: stored.amendedFrom?.amount ?? null };
  });
}

test("regression: a registration that says something else than the one before is refused and changes nothing", async () => {
  await settle(registers(first));
  const before = await theTransaction();
  const others = {
    amount: { amount: kes(100) },
    reference: { reference: "ORDER-2" },
    phone: { phone: "+254700000002" },
  };
  for (const [field, other] of Object.entries(others)) {
    const { settled } = await settle(registers({ refs: pushRefs(1), ...other }));
    expect(settled[0]!.refusal).toEqual({
      kind: "differs",
      transactionId: before.id,
      fields: [field],
      finished: false,
    });
  }
  const { settled } = await settle(registers({ refs: pushRefs(1), amount: { minor: 5000n, currency: "USD" } }));
  expect(settled[0]!.refusal).toMatchObject({ fields: ["currency"] });
  expect(await theTransaction()).toEqual(before);
  expect(await registrationsOf(before)).toEqual([{ amount: "50.00", from: null }]);
});

test("a refused registration claims no ids", async () => {
  await settle(registers({ refs: {}, reference: "ORDER-1", amount: kes(5000) }));
  const { settled } = await settle(registers({ refs: pushRefs(7), reference: "ORDER-1", amount: kes(100) }));
  expect(settled[0]!.refusal).toMatchObject({ fields: ["amount"] });
  await settle(says(pushPaid(7, "TJI7", { amount: kes(100) })));
  const all = await remaining();
  expect(all.map(t => [t.registered, t.status])).toEqual([
    [true, "pending"],
    [false, "pending"],
  ]);
});

test("a refused registration does not hold up the rest of its batch", async () => {
  await settle(registers(first));
  const { settled } = await settle(
    registers({ refs: pushRefs(1), amount: kes(100) }),
    registers({ refs: pushRefs(2), amount: kes(100) }),
    says(pushPaid(1, "TJI1")),
  );
  expect(settled.map(({ refusal }) => refusal !== null)).toEqual([true, false, false]);
  expect((await remaining()).map(t => t.status)).toEqual(["completed", "pending"]);
});

test("an amendment changes an unfinished registration, and both are kept", async () => {
  await settle(registers(first));
  const { settled } = await settle(registers({ refs: pushRefs(1), amount: kes(4000) }, { amend: true }));
  expect(settled[0]!.refusal).toBeNull();
  const t = await theTransaction();
  expect(t).toMatchObject({ amount: kes(4000), reference: "ORDER-1", phone: "+254700000001" });
  expect(await registrationsOf(t)).toEqual([
    { amount: "50.00", from: null },
    { amount: "40.00", from: "50.00" },
  ]);
});

test("a finished transaction is not amended, and a repetition is no registration of its own", async () => {
  await settle(registers(first));
  await settle(says(pushPaid(1, "TJI1")));
  const { settled } = await settle(registers({ refs: pushRefs(1), amount: kes(4000) }, { amend: true }));
  const t = await theTransaction();
  expect(settled[0]!.refusal).toEqual({ kind: "differs", transactionId: t.id, fields: ["amount"], finished: true });
  expect((await settle(registers(first))).settled[0]!.refusal).toBeNull();
  expect(await registrationsOf(t)).toHaveLength(1);
  expect(await eventTypesOf(t)).toEqual(["payment.completed"]);
});

test("regression: an amount that was told changes only with an event", async () => {
  await settle(registers({ refs: pushRefs(1), amount: kes(5000) }));
  await settle(says(pushPaid(1, "TJI1", { says: "processing", amount: kes(5000) })));
  await settle(registers({ refs: pushRefs(1), amount: kes(4000) }, { amend: true }));
  expect(await eventTypesOf(await theTransaction())).toEqual(["payment.processing", "payment.processing"]);
});
