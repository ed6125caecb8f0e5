import fc from "fast-check";
import { expect, test } from "vitest";
import type { Connection } from "../../src/connections/connection.ts";
import type { Money } from "../../src/domain/money.ts";
import { callbackSays } from "../support/evidence.ts";
import { c2bPaid, runRaces, settleBundle } from "../support/settle-bundle.ts";
import { evidenceItem, registrationItem, remainingTransactions } from "../support/settling.ts";

const { sql, daraja, anotherConnection, settle, settleAll, eventsOf, eventTypesOf } = settleBundle();

const paid = (connection: Connection, receipt: string) => evidenceItem(connection, c2bPaid(receipt));

const reversalRefs = (n: number) => ({ originator_conversation_id: `rev-${n}` });
const reversalRegistered = (connection: Connection, n: number) =>
  registrationItem(connection, { kind: "reversal", refs: reversalRefs(n) });
const reversalSucceeded = (connection: Connection, n: number, receipt: string) =>
  evidenceItem(
    connection,
    callbackSays("completed", {
      kind: "reversal",
      identity: [`originator_conversation_id:rev-${n}`],
      refs: reversalRefs(n),
      reverses: receipt,
    }),
  );

const settleItemOfReversal = (connection: Connection, n: number, receipt: string, amount: Money) => {
  const item = reversalSucceeded(connection, n, receipt);
  return { ...item, evidence: item.evidence.map(e => ({ ...e, amount })) };
};

async function statusByKind(connection: Connection) {
  const transactions = await remainingTransactions(sql(), connection);
  return Object.fromEntries(transactions.map(t => [t.kind, t.status]));
}

test("a reversal that succeeded refunds the payment once, in any order and any batches", async () => {
  const order = fc.shuffledSubarray(["payment", "registration", "result", "result", "payment"] as const, {
    minLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(order, fc.boolean(), async (names, inOneBatch) => {
      const connection = await anotherConnection();
      const items = names.map(name => {
        if (name === "payment") return paid(connection, "TJIKQ7V33N");
        if (name === "registration") return reversalRegistered(connection, 1);
        return reversalSucceeded(connection, 1, "tjikq7v33n");
      });
      await settleAll(items, inOneBatch);
      expect(await statusByKind(connection)).toEqual({ c2b: "refunded", reversal: "completed" });
      for (const t of await remainingTransactions(sql(), connection)) {
        const finalTypes = ["payment.refunded", "payout.completed"];
        const announced = (await eventTypesOf(t)).filter(type => finalTypes.includes(type));
        expect(announced).toEqual([t.kind === "c2b" ? "payment.refunded" : "payout.completed"]);
      }
    }),
    { numRuns: 40 },
  );
});

test("a reversal that does not count refunds nothing", async () => {
  await settle(paid(daraja(), "TJIKQ7V33N"));
  await settle(reversalSucceeded(daraja(), 1, "TJIKQ7V33N"));
  expect(await statusByKind(daraja())).toEqual({ c2b: "completed", reversal: "pending" });
});

test("a reversal of an unknown receipt creates no payment", async () => {
  await settle(reversalRegistered(daraja(), 1), reversalSucceeded(daraja(), 1, "TJIKQ7V33N"));
  expect(await statusByKind(daraja())).toEqual({ reversal: "completed" });
});

test("a payment and its reversal that race never miss each other", async () => {
  await settle(...Array.from({ length: 300 }, (_, n) => reversalRegistered(daraja(), n)));
  await runRaces(300, 2, async n => {
    const receipt = `TJ${String(n).padStart(8, "0")}`;
    await Promise.all([settle(paid(daraja(), receipt)), settle(reversalSucceeded(daraja(), n, receipt))]);
  });
  const transactions = await remainingTransactions(sql(), daraja());
  expect(transactions.filter(t => t.kind === "c2b" && t.status === "refunded")).toHaveLength(300);
}, 60_000);

test("regression: 10 of 1,000 given back leaves the payment completed, and further reversals add up", async () => {
  const reversal = (n: number, minor: number) =>
    settleItemOfReversal(daraja(), n, "TJIKQ7V33N", { minor: BigInt(minor), currency: "KES" });
  await settle(evidenceItem(daraja(), c2bPaid("TJIKQ7V33N", { amount: { minor: 100_000n, currency: "KES" } })));
  for (const [n, minor] of [1000, 30_000, 69_000].entries()) {
    await settle(reversalRegistered(daraja(), n));
    await settle(reversal(n, minor));
    await settle(reversal(n, minor));
  }
  const payment = (await remainingTransactions(sql(), daraja())).find(t => t.kind === "c2b")!;
  expect(payment).toMatchObject({ status: "refunded", refundedMinor: 100_000n, review: null });
  const events = await eventsOf(payment);
  expect(events.map(e => [e.type, (e.data.transaction as { refunded_amount: string }).refunded_amount])).toEqual([
    ["payment.completed", "0.00"],
    ["payment.partially_refunded", "10.00"],
    ["payment.partially_refunded", "310.00"],
    ["payment.refunded", "1000.00"],
  ]);
});
