import { afterEach, expect, test } from "vitest";
import type { Kind, ProviderRefs } from "../../src/domain/kinds.ts";
import { simulateAfricasTalking } from "../../src/providers/africastalking/simulator/server.ts";
import { simulateKodipay } from "../../src/providers/kodipay/simulator/server.ts";
import { simulateKyanda } from "../../src/providers/kyanda/simulator/server.ts";
import type { ScriptStep } from "../../src/simulator/script.ts";
import { reconcileBundle } from "../support/reconcile-bundle.ts";

const bundle = reconcileBundle();
const { connect, registerPush, backdate, pass, transaction, eventTypes } = bundle;
const servers: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.close()));
});

const phone = "254712345678";

const entry = async () => (await bundle.entries())[0];

const raw = (status: number, body: object | string): ScriptStep => ({ do: "raw", status, body });

type OtherProvider = {
  provider: string;
  kind: Kind;
  refs: ProviderRefs;
  credentials: Record<string, string>;
  simulate(): Promise<{ url: string; close(): Promise<void> }>;
};

const kyanda = {
  provider: "kyanda",
  kind: "mobile_payout",
  refs: { transaction_ref: "MP-1" },
  credentials: { merchant_id: "MERCHANT", api_key: "api-key" },
} as const;

/** Each provider answers pending, refuses, and says something unknown, before it says that the payment is completed. */
const otherProviders: OtherProvider[] = [
  {
    ...kyanda,
    async simulate() {
      const server = await simulateKyanda();
      const steps: ScriptStep[] = [
        { do: "say", outcome: "pending" },
        { do: "deny" },
        raw(200, { status: "200", details: { Status: "Odd", status_code: "5000" } }),
      ];
      server.ledger.add("MP-1", { outcome: "completed", steps, amount: "50", phone });
      return server;
    },
  },
  {
    provider: "kodipay",
    kind: "checkout",
    refs: { order_number: "20260415A7K9P2XM1140" },
    credentials: { client_id: "client", client_secret: "client-secret" },
    async simulate() {
      const server = await simulateKodipay();
      const steps: ScriptStep[] = [{ do: "say", outcome: "pending" }, { do: "deny" }, raw(200, { status: "odd" })];
      server.ledger.add("20260415A7K9P2XM1140", { outcome: "completed", steps, amount: "50.00", currency: "KES" });
      return server;
    },
  },
  {
    provider: "africastalking",
    kind: "airtime",
    refs: { request_id: "ATQid_1" },
    credentials: { username: "sandbox", api_key: "api-key" },
    async simulate() {
      const server = await simulateAfricasTalking();
      const steps: ScriptStep[] = [{ do: "say", outcome: "pending" }, { do: "deny" }, raw(200, { status: "Sent" })];
      server.ledger.add("ATQid_1", { outcome: "completed", steps, phone, amount: "KES 50.0000" } as never);
      return server;
    },
  },
];

test.each(otherProviders)(
  "$provider: an answer that is not final leaves the transaction open, poll after poll",
  async ({ provider, kind, refs, credentials, simulate }) => {
    const server = await simulate();
    servers.push(server);
    await connect({ provider, credentials, baseUrl: server.url });
    await registerPush({ kind, refs });
    for (const [tries, seconds] of [31, 30, 30].entries()) {
      await backdate(seconds);
      expect(await pass()).toMatchObject({ polled: 1, pending: 1, errors: 0 });
      expect(["pending", "processing"]).toContain((await transaction()).status);
      expect(await entry()).toMatchObject({ tries: tries + 1 });
    }
    await backdate(30);
    expect(await pass()).toMatchObject({ polled: 1, settled: 1 });
  },
);

test("kyanda: an answer that contradicts itself opens a review, until another answer settles", async () => {
  const server = await simulateKyanda();
  servers.push(server);
  const torn = raw(200, { status: "200", details: { Status: "Success", status_code: "1107", Amount: "50" } });
  server.ledger.add("MP-1", { outcome: "completed", steps: [torn], amount: "50", phone });
  const { provider, kind, refs, credentials } = kyanda;
  await connect({ provider, credentials, baseUrl: server.url });
  await registerPush({ kind, refs });
  await backdate(31);
  expect(await pass()).toMatchObject({ polled: 1, pending: 1 });
  expect(await transaction()).toMatchObject({ status: "pending", review: { reason: "conflict" } });
  await backdate(30);
  await pass();
  expect(await transaction()).toMatchObject({ status: "completed", review: null });
  expect(await eventTypes()).toEqual(["transaction.review_required", "payout.completed", "transaction.review_closed"]);
});
