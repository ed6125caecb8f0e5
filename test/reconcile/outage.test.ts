import { afterAll, beforeAll, expect, test } from "vitest";
import { type SimulatedDaraja, simulateDaraja } from "../../src/providers/daraja/simulator/server.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { kes } from "../support/evidence.ts";
import { connection, merchant, type TestConnection } from "../support/fixtures.ts";
import { type Reconciling, reconciling } from "../support/reconciling.ts";
import { registrationItem, remainingTransactions } from "../support/settling.ts";

let database: TestDatabase;
let rec: Reconciling;
let server: SimulatedDaraja;
let daraja: TestConnection;
const ratePerMinute = 60;

beforeAll(async () => {
  [database, server] = await Promise.all([testDatabase(), simulateDaraja()]);
  const duka = await merchant(database.sql);
  const credentials = { consumer_key: "key", consumer_secret: "secret", shortcode: "174379", passkey: "passkey" };
  const settings = { reconcile: { rate_per_minute: ratePerMinute } };
  daraja = await connection(database.sql, duka, { credentials, baseUrl: server.url, settings });
  rec = reconciling(database.sql);
});

afterAll(async () => {
  await rec.close();
  await server.close();
  await database.drop();
});

const pass = () => rec.pass({ connectionId: daraja.id });
const asked = () => server.calls.filter(call => call.what === "status").map(call => Number(call.about!.slice(6)));

function due(first: number, count: number) {
  return Array.from({ length: count }, (_, at) => {
    const id = `ws_CO_${first + at}`;
    const entry = { outcome: "completed", amount: "50", phone: "254712345678", receipt: `T${first + at}` } as const;
    server.ledger.add(id, { ...entry, steps: [] });
    return registrationItem(daraja, { refs: { checkout_request_id: id }, amount: kes(5000) });
  });
}

test("an outage of hours costs few calls, and what it held up drains at the allowed rate, the newest first", async () => {
  await rec.settle(...due(0, 200));
  server.ledger.outage({ do: "break", status: 500 });
  await rec.age(daraja, 31);
  expect(await pass()).toMatchObject({ polled: 0, errors: 5, rate_limited: 195 });
  const whenItBroke = asked().length;
  expect(whenItBroke).toBe(5);
  // Six hours of passes: each finds the breaker open, or tries once.
  for (let hour = 0; hour < 6; hour += 1) {
    await rec.age(daraja, 3600);
    expect(await pass()).toMatchObject({ polled: 0, errors: 1 });
    expect(await pass()).toMatchObject({ polled: 0, errors: 0, rate_limited: 199 });
  }
  expect(asked().length).toBe(whenItBroke + 6);

  server.ledger.outage(null);
  server.calls.splice(0);
  await rec.age(daraja, 3600);
  await rec.settle(...due(1000, 10));
  await rec.age(daraja, 31);
  const passes = [await pass()];
  expect(passes[0]).toMatchObject({ polled: ratePerMinute, settled: ratePerMinute, errors: 0, rate_limited: 150 });
  expect(
    asked()
      .slice(0, 10)
      .every(n => n >= 1000),
  ).toBe(true);
  expect(Math.min(...asked().slice(10))).toBeGreaterThan(130);
  while (passes.at(-1)!.rate_limited > 0) {
    await rec.age(daraja, 62);
    passes.push(await pass());
  }
  expect(passes.map(p => p.polled)).toEqual([60, 60, 60, 30]);
  const left = await remainingTransactions(database.sql, daraja);
  expect(left.filter(t => t.status !== "completed")).toEqual([]);
  expect(new Set(asked()).size).toBe(210);
}, 60_000);
