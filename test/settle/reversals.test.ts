import fc from "fast-check";
import { expect, test } from "vitest";
import type { Connection } from "../../src/connections/connection.ts";
import { callbackSays } from "../support/evidence.ts";
import { c2bPaid, runRaces, settleBundle } from "../support/settle-bundle.ts";
import { evidenceItem, registrationItem, remainingTransactions } from "../support/settling.ts";

const { sql, daraja, anotherConnection, settle, settleAll, eventTypesOf } = settleBundle();

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
