import { afterAll, beforeAll, expect, test } from "vitest";
import type { Connection } from "../../src/connections/connection.ts";
import type { Kind, ProviderRefs } from "../../src/domain/kinds.ts";
import { simulateAfricasTalking } from "../../src/providers/africastalking/simulator/server.ts";
import { simulateCodian } from "../../src/providers/codian/simulator/server.ts";
import { simulateDaraja } from "../../src/providers/daraja/simulator/server.ts";
import { simulateKodipay } from "../../src/providers/kodipay/simulator/server.ts";
import { simulateKyanda } from "../../src/providers/kyanda/simulator/server.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { kes } from "../support/evidence.ts";
import { connection, merchant, type TestMerchant } from "../support/fixtures.ts";
import { type Reconciling, reconciling } from "../support/reconciling.ts";
import { eventsOf, remainingTransactions } from "../support/settling.ts";

let database: TestDatabase;
let duka: TestMerchant;
let rec: Reconciling;

beforeAll(async () => {
  database = await testDatabase();
  duka = await merchant(database.sql);
  rec = reconciling(database.sql);
});

afterAll(async () => {
  await rec.close();
  await database.drop();
});

const phone = "254712345678";
const app = { consumer_key: "key", consumer_secret: "secret", shortcode: "174379", passkey: "passkey" };

/** A provider where everything is paid, and whose callbacks are all lost. */
const cases = {
  daraja: {
    kind: "stk_push",
    refs: { checkout_request_id: "ws_CO_1" },
    credentials: app,
    event: "payment.completed",
    async simulate() {
      const server = await simulateDaraja();
      server.ledger.add("ws_CO_1", { outcome: "completed", steps: [], amount: "50", phone, receipt: "TJIKQ7V33N" });
      return server;
    },
  },
  kyanda: {
    kind: "mobile_payout",
    refs: { transaction_ref: "MP-1" },
    credentials: { merchant_id: "MERCHANT", api_key: "api-key" },
    event: "payout.completed",
    async simulate() {
      const server = await simulateKyanda();
      server.ledger.add("MP-1", { outcome: "completed", steps: [], amount: "50", phone });
      return server;
    },
  },
  kodipay: {
    kind: "checkout",
    refs: { order_number: "20260415A7K9P2XM1140" },
    credentials: { client_id: "client", client_secret: "client-secret" },
    event: "payment.completed",
    async simulate() {
      const server = await simulateKodipay();
      const entry = { outcome: "completed", steps: [], amount: "50.00", currency: "KES" } as const;
      server.ledger.add("20260415A7K9P2XM1140", { ...entry, steps: [] });
      return server;
    },
  },
  africastalking: {
    kind: "airtime",
    refs: { request_id: "ATQid_1" },
    credentials: { username: "sandbox", api_key: "api-key" },
    event: "airtime.completed",
    async simulate() {
      const server = await simulateAfricasTalking();
      server.ledger.add("ATQid_1", { outcome: "completed", steps: [], phone, amount: "KES 50.0000" } as never);
      return server;
    },
  },
  codian: {
    kind: "stk_push",
    refs: { checkout_request_id: "ws_CO_1" },
    credentials: { client_id: "client", client_secret: "client-secret", experimental_status: "on" },
    event: "payment.completed",
    async simulate() {
      const server = await simulateCodian();
      server.ledger.add("ws_CO_1", { outcome: "completed", steps: [], amount: "50", phone, receipt: "TJIKQ7V33N" });
      return server;
    },
  },
} satisfies Record<
  string,
  {
    kind: Kind;
    refs: ProviderRefs;
    credentials: Record<string, string>;
    event: string;
    simulate: () => Promise<{ url: string; calls: { what: string }[]; close: () => Promise<void> }>;
  }
>;

test.each(Object.entries(cases))("%s: where the callback is lost, asking settles it", async (provider, it) => {
  const server = await it.simulate();
  const { kind, refs, credentials } = it;
  const made: Connection = await connection(database.sql, duka, { provider, credentials, baseUrl: server.url });
  const t = await rec.register(made, { kind, refs, amount: kes(5000) });
  expect(await rec.pass({ connectionId: made.id })).toMatchObject({ polled: 0, settled: 0 });

  await rec.age(made, 31);
  expect(await rec.pass({ connectionId: made.id })).toMatchObject({
    polled: 1,
    settled: 1,
    pending: 0,
    errors: 0,
    rate_limited: 0,
    already_running: 0,
  });
  const [settled] = await remainingTransactions(database.sql, made);
  expect(settled).toMatchObject({ id: t.id, status: "completed", statusSource: "poll", review: null });
  const told = await eventsOf(database.sql, t);
  expect(told.map(e => e.type)).toEqual([it.event]);
  expect(told[0]?.data.transaction).toMatchObject({ status: "completed", status_source: "poll" });

  await rec.age(made, 100);
  expect(await rec.pass({ connectionId: made.id })).toMatchObject({ polled: 0 });
  expect(server.calls.filter(call => call.what === "status")).toHaveLength(1);
  await server.close();
});
