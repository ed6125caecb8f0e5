import { afterAll, beforeAll, expect, test } from "vitest";
import type { Running } from "../../src/app/running.ts";
import { receiptOf, stkPaid, stkRegistration } from "../support/bodies.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { api, callbacksOf, openShop, request, type Shop, startTestHakika } from "../support/hakika.ts";

let database: TestDatabase;
let hakika: Running;
let shop: Shop;

beforeAll(async () => {
  database = await testDatabase();
  hakika = await startTestHakika(database.url);
  shop = await openShop(hakika, { verification: { header: { name: "X-Secret", value: "a-secret-nobody-may-read" } } });
});

afterAll(async () => {
  await hakika.stop();
  await shop.merchant.close();
  await database.drop();
});

test("regression: a reprocessed callback that was not verified settles nothing while its connection verifies callbacks", async () => {
  const { id } = await api(hakika, "POST", "/v1/transactions", stkRegistration(shop.connection.id, "ws_CO_forged"));
  const { status } = await request("POST", shop.connection.callback_urls.stk!, stkPaid("ws_CO_forged", receiptOf(1)));
  const [forged] = await callbacksOf(hakika, shop.connection.id);
  expect([status, forged]).toMatchObject([401, { state: "quarantined", answer: { status: 401 } }]);

  const again = () => api(hakika, "POST", `/v1/callbacks/${forged.id}/reprocess`);
  const problems = async () => (await api(hakika, "GET", `/v1/callbacks/${forged.id}`)).problems[0]?.message;
  await again();
  await expect.poll(problems, { timeout: 10_000 }).toMatch(/failed its verification when it arrived/);
  expect(await api(hakika, "GET", `/v1/transactions/${id}`)).toMatchObject({ status: "pending", review: null });

  await api(hakika, "PATCH", `/v1/connections/${shop.connection.id}`, { verification: { header: null } });
  await again();
  const isPaid = ({ type }: { type: string }) => type === "payment.completed";
  const events = await shop.merchant.until(heard => heard.some(isPaid));
  expect(events.find(isPaid)).toMatchObject({ data: { transaction: { id } } });
  expect(events.filter(({ type }) => !type.startsWith("alert."))).toHaveLength(1);
  expect(await callbacksOf(hakika, shop.connection.id)).toMatchObject([{ state: "processed", transaction_ids: [id] }]);
});

test("regression: a refused callback is listed with its refusal, an unreadable one with its reply", async () => {
  const url = shop.connection.callback_urls.stk!;
  const refused = await request("POST", url, "no JSON");
  const accepted = await request("POST", url, { Body: {} });
  const unread = async () =>
    (await callbacksOf(hakika, shop.connection.id)).filter(one => one.state === "quarantined").map(one => one.answer);
  await expect
    .poll(unread, { timeout: 10_000 })
    .toEqual([accepted, refused].map(({ status, text: body }) => ({ status, body })));
});
