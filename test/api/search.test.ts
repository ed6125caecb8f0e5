import { afterAll, beforeAll, expect, test } from "vitest";
import { stkPaid } from "../support/bodies.ts";
import { api, newConnection, request } from "../support/hakika.ts";
import { shopBundle } from "../support/shop-bundle.ts";

const bundle = shopBundle();
type Hit = { type: string; id: string; merchant_id: string | null; title: string; matched: string };

let key: string;
let transaction: { id: string };
let quarantined: { id: string };

const search = async (q: string): Promise<Hit[]> =>
  (await api(bundle.hakika, "GET", `/v1/search?q=${encodeURIComponent(q)}`)).data;

beforeAll(async () => {
  const { hakika, shop } = bundle;
  const other = await api(hakika, "POST", "/v1/merchants", { name: "Other" });
  key = (await api(hakika, "POST", `/v1/merchants/${other.id}/api-keys`, { name: "main" })).key;
  await newConnection(hakika, other.id);
  transaction = await api(hakika, "POST", "/v1/transactions", {
    connection_id: shop.connection.id,
    kind: "stk_push",
    provider_refs: { checkout_request_id: "ws_CO_Search_1" },
    reference: "Order-Search-1",
    amount: "50.00",
    currency: "KES",
    phone: "+254711000001",
  });
  const urls = shop.connection.callback_urls;
  await request("POST", urls.stk!, stkPaid("ws_CO_Search_1", "TJSEARCH01"));
  await shop.merchant.until(events => events.some(({ type }) => type === "payment.completed"));
  await request("POST", urls["c2b/confirmation"]!, stkPaid("ws_CO_Search_2", "TJHIDDEN02"));
  await shop.merchant.until(events => events.some(({ type }) => type === "alert.opened"));
  const { data } = await api(hakika, "GET", "/v1/callbacks?state=quarantined");
  quarantined = data[0];
});
afterAll(() => {});

test("a receipt, a reference and an id are found in any letter case, and a receipt's beginning after them", async () => {
  const { shop } = bundle;
  const found = { type: "transaction", id: transaction.id, merchant_id: shop.merchantId };
  expect(await search("tjsearch01")).toEqual([
    { ...found, matched: "provider_ref", title: "stk_push completed 50.00 KES · Order-Search-1" },
  ]);
  expect(await search(" ORDER-search-1 ")).toEqual([expect.objectContaining({ ...found, matched: "reference" })]);
  expect(await search("WS_CO_SEARCH_1")).toEqual([expect.objectContaining({ ...found, matched: "provider_ref" })]);
  expect(await search("TJSEAR")).toEqual([expect.objectContaining({ ...found, matched: "provider_ref" })]);
  expect(await search(transaction.id.slice(0, 16))).toContainEqual(
    expect.objectContaining({ ...found, matched: "id" }),
  );
});

test("ids of every kind are found", async () => {
  const { hakika, shop } = bundle;
  const endpoints = (await api(hakika, "GET", "/v1/endpoints")).data;
  const events = (await api(hakika, "GET", "/v1/events")).data;
  const deliveries = (await api(hakika, "GET", "/v1/deliveries")).data;
  const alerts = (await api(hakika, "GET", "/v1/alerts")).data;
  const operator = await api(hakika, "POST", "/v1/operators", { name: "Wanjiru", role: "viewer" });
  const things = {
    merchant: shop.merchantId,
    connection: shop.connection.id,
    endpoint: endpoints[0].id,
    transaction: transaction.id,
    callback: quarantined.id,
    event: events[0].id,
    delivery: deliveries[0].id,
    alert: alerts[0].id,
    operator: operator.id,
  };
  for (const [type, id] of Object.entries(things)) {
    expect(await search(id), type).toEqual([expect.objectContaining({ type, id, matched: "id" })]);
  }
});

test("a phone is found in any form", async () => {
  for (const form of ["+254711000001", "254711000001", "0711000001", "0711 000 001", "00254711000001"]) {
    expect(await search(form), form).toEqual([expect.objectContaining({ id: transaction.id, matched: "phone" })]);
  }
});

test("a receipt inside a body in quarantine is found, until the callback is read", async () => {
  const { hakika } = bundle;
  const found = { type: "callback", id: quarantined.id, matched: "quarantined_body" };
  expect(await search("tjhidden02")).toEqual([expect.objectContaining(found)]);
  expect(await search("254711000001")).not.toContainEqual(expect.objectContaining({ type: "callback" }));
  await api(hakika, "POST", `/v1/callbacks/${quarantined.id}/reprocess`, { channel: "stk" });
  await expect.poll(async () => (await search("tjhidden02")).map(({ type }) => type)).toEqual(["transaction"]);
});

test("a merchant's key finds nothing of another merchant", async () => {
  const { hakika, shop } = bundle;
  const as = { authorization: `Bearer ${key}` };
  for (const q of [
    "tjsearch01",
    "Order-Search-1",
    "0711000001",
    "tjhidden02",
    "TJSEAR",
    transaction.id,
    shop.merchantId,
    quarantined.id,
  ]) {
    const answer = await request("GET", `${hakika.url}/v1/search?q=${encodeURIComponent(q)}`, undefined, as);
    expect(answer.json, q).toEqual({ data: [] });
  }
});
