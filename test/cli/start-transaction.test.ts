import { afterAll, beforeAll, expect, test } from "vitest";
import { type SimulatedKyanda, simulateKyanda } from "../../src/providers/kyanda/simulator/server.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { newConnection, openShop, type Shop, startTestHakika, testEnvironment } from "../support/hakika.ts";
import { runHakika } from "./run-hakika.ts";

let database: TestDatabase;
let running: Awaited<ReturnType<typeof startTestHakika>>;
let shop: Shop;
let kyanda: SimulatedKyanda;
let connectionId: string;

beforeAll(async () => {
  database = await testDatabase();
  running = await startTestHakika(database.url);
  shop = await openShop(running);
  kyanda = await simulateKyanda();
  const credentials = { merchant_id: "MERCHANT", api_key: "api-key" };
  const made = { provider: "kyanda", credentials, base_url: kyanda.url, settings: { approve_above: "1000.00" } };
  connectionId = (await newConnection(running, shop.merchantId, made)).id;
});
afterAll(async () => {
  await kyanda.close();
  await running.stop();
  await shop.merchant.close();
  await database.drop();
});

function payout(reference: string, amount: string, key: string) {
  const env = testEnvironment(database.url, { PORT: new URL(running.url).port });
  const order = ["--connection", connectionId, "--kind", "mobile_payout", "--phone", "+254711000001", "--json"];
  const named = ["--reference", reference, "--amount", amount, "--idempotency-key", key];
  return runHakika(["start", "payout", ...order, ...named, "--option", "initiator_name=Asha Juma"], env);
}

test("a start's exit code says whether it was accepted, refused, or is not known yet, and a key starts one order", async () => {
  const first = await payout("WAGE-1", "50", "key-1");
  expect([first.code, JSON.parse(first.out).start.state], first.err).toEqual([0, "accepted"]);
  const again = await payout("WAGE-1", "50", "key-1");
  expect([again.code, JSON.parse(again.out).id]).toEqual([0, JSON.parse(first.out).id]);
  expect(kyanda.starts.taken).toHaveLength(1);

  const reply = { status: 400, body: { status: "Failed", status_code: "1107", transactiontxt: "Insufficient float" } };
  kyanda.starts.faults.push({ do: "refuse", reply }, { do: "lose-answer" });
  expect((await payout("WAGE-2", "50", "key-2")).code).toBe(1);
  expect((await payout("WAGE-3", "50", "key-3")).code).toBe(3);
  const waiting = await payout("WAGE-4", "1000", "key-4");
  expect([waiting.code, JSON.parse(waiting.out).approval.state]).toEqual([3, "pending"]);
  expect(kyanda.starts.taken).toHaveLength(2);
});
