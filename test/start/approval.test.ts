import { afterEach, beforeEach, expect, test } from "vitest";
import type { Running } from "../../src/app/running.ts";
import { type SimulatedKodipay, simulateKodipay } from "../../src/providers/kodipay/simulator/server.ts";
import type { Provider } from "../../src/providers/provider.ts";
import { providers } from "../../src/providers/registry.ts";
import { testDatabase } from "../support/database.ts";
import { api, newConnection, openShop, request, startTestHakika } from "../support/hakika.ts";

const kodipay = providers.get("kodipay")!;
/** KODIPAY as if the same call paid out. */
const paying: Provider = {
  ...kodipay,
  kinds: [...kodipay.kinds, "mobile_payout"],
  start: { ...kodipay.start!, kinds: { ...kodipay.start!.kinds, mobile_payout: kodipay.start!.kinds.payment! } },
};

let server: SimulatedKodipay;
let hakika: Running;
let stop: () => Promise<void>;
let connectionId: string;
let askerKey: string;

beforeEach(async () => {
  server = await simulateKodipay();
  const database = await testDatabase();
  hakika = await startTestHakika(database.url, { providers: new Map([...providers, ["kodipay", paying]]) });
  const shop = await openShop(hakika);
  stop = async () => {
    await hakika.stop();
    await shop.merchant.close();
    await database.drop();
    await server.close();
  };
  const made = await newConnection(hakika, shop.merchantId, {
    provider: "kodipay",
    credentials: { client_id: "client", client_secret: "client-secret" },
    base_url: server.url,
    settings: { approve_above: "100.00" },
  });
  connectionId = made.id;
  const keys = `/v1/merchants/${shop.merchantId}/api-keys`;
  askerKey = (await api(hakika, "POST", keys, { name: "till" })).key;
});
afterEach(() => stop());

const payOut = (amount: string) =>
  request(
    "POST",
    `${hakika.url}/v1/payouts`,
    {
      connection_id: connectionId,
      kind: "mobile_payout",
      amount,
      currency: "USD",
      phone: "+243891234567",
      reference: "PAYOUT-1",
    },
    { authorization: `Bearer ${askerKey}`, "idempotency-key": "payout-1" },
  );

test("a payout from approve_above on is sent once a second person approves it, and its key answers with it", async () => {
  const asked = await payOut("100.00");
  expect([asked.status, asked.json.approval.state]).toEqual([202, "pending"]);
  expect((await payOut("100.00")).json.approval.id).toBe(asked.json.approval.id);
  expect((await payOut("101.00")).status).toBe(422);
  expect(server.starts.taken).toEqual([]);

  const approve = `/v1/approvals/${asked.json.approval.id}/approve`;
  const own = await request("POST", hakika.url + approve, undefined, { authorization: `Bearer ${askerKey}` });
  expect(own.status).toBe(403);
  const [approval] = (await api(hakika, "GET", "/v1/approvals")).data;
  expect(approval).toMatchObject({ action: "transaction.start", amount: "100.00", currency: "USD" });
  expect(approval.summary).toBe("mobile_payout of 100.00 USD to +2438*****567, reference PAYOUT-1");
  expect(await api(hakika, "POST", approve)).toMatchObject({ state: "approved" });
  expect(server.starts.taken).toHaveLength(1);

  const done = await payOut("100.00");
  expect([done.status, done.json.start.state, done.json.kind]).toEqual([201, "accepted", "mobile_payout"]);
  expect(server.starts.taken).toHaveLength(1);
});

test("a rejected payout is never sent, and its key says so", async () => {
  const asked = await payOut("100.00");
  await api(hakika, "POST", `/v1/approvals/${asked.json.approval.id}/reject`);
  expect((await payOut("100.00")).status).toBe(409);
  expect(server.starts.taken).toEqual([]);
});

test("a smaller payout needs no second person", async () => {
  expect((await payOut("99.99")).status).toBe(201);
});
