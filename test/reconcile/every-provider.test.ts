import { expect, test } from "vitest";
import type { Kind, ProviderRefs } from "../../src/domain/kinds.ts";
import { simulateAfricasTalking } from "../../src/providers/africastalking/simulator/server.ts";
import { simulateCodian } from "../../src/providers/codian/simulator/server.ts";
import { simulateDaraja } from "../../src/providers/daraja/simulator/server.ts";
import { simulateKodipay } from "../../src/providers/kodipay/simulator/server.ts";
import { simulateKyanda } from "../../src/providers/kyanda/simulator/server.ts";
import { darajaCredentials, reconcileBundle } from "../support/reconcile-bundle.ts";
import { eventsOf } from "../support/settling.ts";

const bundle = reconcileBundle();
const { backdate, pass, transaction, connect, registerPush } = bundle;

const phone = "254712345678";

/** Simulated providers with one completed payment each, whose callback is lost. */
const cases = {
  daraja: {
    kind: "stk_push",
    refs: { checkout_request_id: "ws_CO_1" },
    credentials: darajaCredentials,
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

test.each(Object.entries(cases))("%s: a payment whose callback is lost is settled by a poll", async (provider, it) => {
  const server = await it.simulate();
  const { kind, refs, credentials } = it;
  await connect({ provider, credentials, baseUrl: server.url });
  const t = await registerPush({ kind, refs });
  expect(await pass()).toMatchObject({ polled: 0, settled: 0 });

  await backdate(31);
  expect(await pass()).toMatchObject({
    polled: 1,
    settled: 1,
    pending: 0,
    errors: 0,
    rate_limited: 0,
    already_running: 0,
  });
  expect(await transaction()).toMatchObject({ id: t.id, status: "completed", statusSource: "poll", review: null });
  const told = await eventsOf(bundle.sql, t);
  expect(told.map(e => e.type)).toEqual([it.event]);
  expect(told[0]?.data.transaction).toMatchObject({ status: "completed", status_source: "poll" });

  await backdate(100);
  expect(await pass()).toMatchObject({ polled: 0 });
  expect(server.calls.filter(call => call.what === "status")).toHaveLength(1);
  await server.close();
});
