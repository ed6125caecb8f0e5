import { afterAll, beforeAll, expect, test } from "vitest";
import { api, callbacksOf, request } from "../../../support/hakika.ts";
import { type Started, startWith } from "../start.ts";
import { mapacha } from "./mapacha.ts";
import { type MapachaServer, serveMapacha } from "./server.ts";

let server: MapachaServer;
let started: Started;

beforeAll(async () => {
  server = await serveMapacha();
  const credentials = { collection_key: "collection-secret", disbursement_key: "disbursement-secret" };
  started = await startWith(mapacha, { base_url: server.url, credentials });
});

afterAll(async () => {
  await started.stop();
  await server.close();
});

const paid = (referenceId: string, amount: string) => ({ referenceId, status: "SUCCESSFUL", amount, currency: "EUR" });

test("PUT callbacks of two products are polled with a token each, and become events of the merchant", async () => {
  const { hakika, shop } = started;
  const order = { connection_id: shop.connection.id, amount: "25.00" };
  const money = await api(hakika, "POST", "/v1/transactions", {
    ...order,
    kind: "payment",
    provider_refs: { reference_id: "M-1" },
  });
  expect(money).toMatchObject({ currency: "EUR", amount: "25.00" });
  await api(hakika, "POST", "/v1/transactions", {
    ...order,
    kind: "mobile_payout",
    provider_refs: { reference_id: "M-2" },
  });

  for (const [channel, referenceId] of [
    ["collection", "M-1"],
    ["disbursement", "M-2"],
  ] as const) {
    server.statuses.set(referenceId, { ...paid(referenceId, "25.00"), financialTransactionId: `F-${referenceId}` });
    const url = shop.connection.callback_urls[channel]!;
    const answer = await request("PUT", url, paid(referenceId, "25.00"));
    expect([answer.status, answer.json]).toEqual([200, {}]);
    await api(hakika, "POST", `/v1/transactions/${money.id}/poll`);
  }

  const events = await shop.merchant.until(heard => heard.length >= 2);
  expect(events.map(({ type }) => type).sort()).toEqual(["payment.completed", "payout.completed"]);
  expect(shop.merchant.wrongs).toEqual([]);
  for (const { id, kind } of (await api(hakika, "GET", "/v1/transactions")).data) {
    const polled = await api(hakika, "POST", `/v1/transactions/${id}/poll`);
    expect(polled, kind).toMatchObject({ status: "completed", provider_refs: { financial_id: expect.any(String) } });
  }
  const made = (what: string) => server.calls.filter(call => call.what === what).map(call => call.status);
  expect([made("collection token"), made("disbursement token")]).toEqual([[200], [200]]);
  expect([...made("collection status"), ...made("disbursement status")]).not.toContain(401);
  expect(await callbacksOf(hakika, shop.connection.id)).toHaveLength(2);
});

test("a method that the provider does not use is refused, and nothing is kept", async () => {
  const { hakika, shop } = started;
  const before = await callbacksOf(hakika, shop.connection.id);
  for (const method of ["POST", "GET", "DELETE"]) {
    const answer = await request(method, shop.connection.callback_urls.collection!);
    expect([answer.status, answer.headers.get("allow")], method).toEqual([405, "PUT"]);
  }
  expect(await callbacksOf(hakika, shop.connection.id)).toEqual(before);
});

test("a currency that the connection's environment decides is the one of an amount without", async () => {
  const { shop, hakika } = started;
  const production = await api(hakika, "POST", "/v1/connections", {
    merchant_id: shop.merchantId,
    provider: "mapacha",
    environment: "production",
  });
  const registered = await api(hakika, "POST", "/v1/transactions", {
    connection_id: production.id,
    kind: "payment",
    provider_refs: { reference_id: "M-3" },
    amount: "500",
  });
  expect(registered).toMatchObject({ amount: "500", currency: "UGX" });
});
