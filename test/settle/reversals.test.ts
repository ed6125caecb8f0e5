import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { SettleDeps } from "../../src/settle/batch.ts";
import type { SettleItem } from "../../src/settle/item.ts";
import { settleBatch } from "../../src/settle/settle.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { kes, learnt } from "../support/evidence.ts";
import { connection, merchant, type TestConnection, type TestMerchant } from "../support/fixtures.ts";
import { heard, registering, settleDeps, standing, toldOf } from "../support/settling.ts";

let database: TestDatabase;
let deps: SettleDeps;
let duka: TestMerchant;
let daraja: TestConnection;

beforeAll(async () => {
  database = await testDatabase();
  deps = settleDeps(database.sql);
  duka = await merchant(database.sql);
});

beforeEach(async () => {
  daraja = await connection(database.sql, duka);
});

afterAll(() => database.drop());

const settle = (...items: SettleItem[]) => settleBatch(deps, duka.shard, items);

const payment = (c: TestConnection, receipt: string) =>
  heard(
    c,
    learnt("completed", { kind: "c2b", identity: [`receipt:${receipt}`], refs: { receipt }, amount: kes(5000) }),
  );
const registeredReversal = (c: TestConnection, n: number) =>
  registering(c, { kind: "reversal", refs: { originator_conversation_id: `rev-${n}` } });
const reversed = (c: TestConnection, n: number, receipt: string) =>
  heard(
    c,
    learnt("completed", {
      kind: "reversal",
      identity: [`originator_conversation_id:rev-${n}`],
      refs: { originator_conversation_id: `rev-${n}` },
      reverses: receipt,
    }),
  );

async function byKind() {
  const left = await standing(database.sql, daraja);
  return Object.fromEntries(left.map(t => [t.kind, t.status]));
}

test("a reversal that succeeded makes the payment refunded, in any order and any batches, told once", async () => {
  const order = fc.shuffledSubarray(["payment", "registration", "result", "result", "payment"] as const, {
    minLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(order, fc.boolean(), async (names, inOneBatch) => {
      daraja = await connection(database.sql, duka);
      const items = names.map(name => {
        if (name === "payment") return payment(daraja, "TJIKQ7V33N");
        return name === "registration" ? registeredReversal(daraja, 1) : reversed(daraja, 1, "tjikq7v33n");
      });
      if (inOneBatch) await settle(...items);
      else for (const item of items) await settle(item);
      expect(await byKind()).toEqual({ c2b: "refunded", reversal: "completed" });
      for (const t of await standing(database.sql, daraja)) {
        const types = (await toldOf(database.sql, t)).map(e => e.type);
        const final = types.filter(type => type === "payment.refunded" || type === "payout.completed");
        expect(final).toEqual([t.kind === "c2b" ? "payment.refunded" : "payout.completed"]);
      }
    }),
    { numRuns: 40 },
  );
});

test("a reversal that is not believed gives nothing back", async () => {
  await settle(payment(daraja, "TJIKQ7V33N"));
  await settle(reversed(daraja, 1, "TJIKQ7V33N"));
  expect(await byKind()).toEqual({ c2b: "completed", reversal: "pending" });
});

test("a reversal of a receipt that nobody knows brings no payment into being", async () => {
  await settle(registeredReversal(daraja, 1), reversed(daraja, 1, "TJIKQ7V33N"));
  expect(await byKind()).toEqual({ reversal: "completed" });
});

test("a payment and its reversal that race never miss each other", async () => {
  await settle(...Array.from({ length: 300 }, (_, n) => registeredReversal(daraja, n)));
  for (let n = 0; n < 300; n += 2) {
    await Promise.all(
      [n, n + 1].flatMap(m => {
        const receipt = `TJ${String(m).padStart(8, "0")}`;
        return [settle(payment(daraja, receipt)), settle(reversed(daraja, m, receipt))];
      }),
    );
  }
  const left = await standing(database.sql, daraja);
  expect(left.filter(t => t.kind === "c2b" && t.status === "refunded")).toHaveLength(300);
}, 60_000);
