import { afterAll, beforeAll, expect, test } from "vitest";
import { api, callbacksOf, request } from "../../../support/hakika.ts";
import { type Started, startWith } from "../start.ts";
import { muhuri, signatureOf } from "./muhuri.ts";

const signingKey = "a-signing-key";

let started: Started;

beforeAll(async () => {
  started = await startWith(muhuri, { credentials: { signing_key: signingKey } });
});

afterAll(async () => {
  await started.stop();
});

function charge(event: string, id: string, key = signingKey) {
  const body = { event, data: { id, reference: "order 1", amount: 150000, currency: "KES" } };
  return { ...body, signature: signatureOf(body, key) };
}

const send = (body: unknown) => request("POST", started.shop.connection.callback_urls.events!, body);
const events = (count: number) => started.shop.merchant.until(heard => heard.length >= count);

test("a callback that the provider signed settles an unregistered payment, in minor units", async () => {
  const answer = await send(charge("charge.success", "C-1"));
  expect([answer.status, answer.json]).toEqual([200, { ok: true }]);
  const [event] = await events(1);
  expect(event).toMatchObject({
    type: "payment.completed",
    data: { transaction: { amount: "1500.00", currency: "KES", provider_refs: { charge_id: "C-1" } } },
  });
  expect(started.shop.merchant.wrongs).toEqual([]);
});

test("a replay is counted, and says nothing more", async () => {
  const { hakika, shop } = started;
  await send(charge("charge.success", "C-1"));
  const copies = async () => (await callbacksOf(hakika, shop.connection.id))[0].copies;
  await expect.poll(copies, { timeout: 20_000 }).toBe(2);
  expect(await events(1)).toHaveLength(1);
});

test("a forged, a changed and an unsigned callback get 401, and settle nothing, also when they are read again", async () => {
  const { hakika, shop } = started;
  const { signature: _, ...unsigned } = charge("charge.success", "C-2");
  const changed = charge("charge.success", "C-2");
  changed.data.amount = 15;
  for (const body of [charge("charge.success", "C-2", "a-guess"), changed, unsigned]) {
    expect((await send(body)).status).toBe(401);
  }
  const refused = async () =>
    (await callbacksOf(hakika, shop.connection.id)).filter(callback => callback.state === "quarantined");
  await expect.poll(async () => (await refused()).length, { timeout: 20_000 }).toBe(3);
  for (const { id } of await refused()) await api(hakika, "POST", `/v1/callbacks/${id}/reprocess`);
  const problems = async () =>
    await Promise.all(
      (await refused()).map(async ({ id }) => (await api(hakika, "GET", `/v1/callbacks/${id}`)).problems[0].message),
    );
  const failed = expect.stringMatching(/failed its verification when it arrived/);
  await expect.poll(problems, { timeout: 20_000 }).toEqual([failed, failed, failed]);
  // The quarantine's alert is told beside.
  expect((await events(1)).filter(({ type }) => !type.startsWith("alert."))).toHaveLength(1);
});

test("a dispute asks for a review of what is completed", async () => {
  const { hakika } = started;
  await send(charge("charge.disputed", "C-1"));
  const transaction = async () => (await api(hakika, "GET", "/v1/transactions")).data[0];
  await expect.poll(async () => (await transaction()).review?.reason, { timeout: 20_000 }).toBe("conflict");
  expect(await transaction()).toMatchObject({ status: "completed" });
});

test("a message of the provider's own type reaches endpoints that ask for it", async () => {
  const { hakika, shop } = started;
  const filtered = await api(hakika, "POST", "/v1/endpoints", {
    merchant_id: shop.merchantId,
    url: shop.merchant.url,
    environment: "sandbox",
    event_types: ["settlement.paid"],
  });
  expect(filtered.event_types).toEqual(["settlement.paid"]);
  await send(charge("settlement.paid", "S-1"));
  const heard = await shop.merchant.until(all => all.some(event => event.type === "settlement.paid"));
  expect(heard.find(event => event.type === "settlement.paid")!.data).toMatchObject({ payload: { id: "S-1" } });
});

test("without the signing key callbacks are hints, signed or not", async () => {
  const { hakika, shop } = started;
  const open = await api(hakika, "POST", "/v1/connections", {
    merchant_id: shop.merchantId,
    provider: "muhuri",
    environment: "sandbox",
  });
  for (const body of [charge("charge.success", "C-3"), { ...charge("charge.success", "C-4"), signature: undefined }]) {
    expect((await request("POST", open.callback_urls.events, body)).status).toBe(200);
  }
  const reviews = async () => (await api(hakika, "GET", "/v1/transactions?review=unregistered")).data.length;
  await expect.poll(reviews, { timeout: 20_000 }).toBe(2);
});
