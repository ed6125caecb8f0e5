import { afterAll, beforeAll, expect, test } from "vitest";
import { pawapay } from "../../../src/providers/pawapay/pawapay.ts";
import { paymentOf } from "../../../src/providers/pawapay/simulator/api.ts";
import { idOfSample } from "../../../src/providers/pawapay/simulator/scenarios.ts";
import { signatureHeaders } from "../../../src/providers/pawapay/simulator/sign.ts";
import { simulator } from "../../../src/providers/pawapay/simulator/simulator.ts";
import { newSample, type Sample } from "../../../src/simulator/play/sample.ts";
import type { SimulatedApi } from "../../../src/simulator/provider-simulator.ts";
import { api, request } from "../../support/hakika.ts";
import { type Started, startWith } from "../invented/start.ts";

let simulated: SimulatedApi;
let started: Started;

beforeAll(async () => {
  simulated = await simulator.open();
  // Without an API token nothing can be polled: what settles here settles by its signature.
  started = await startWith(pawapay, { base_url: simulated.url });
});

afterAll(async () => {
  await started.stop();
  await simulated.close();
});

const deposits = () => started.shop.connection.callback_urls.deposits!;
const bodyOf = (sample: Sample) =>
  Buffer.from(JSON.stringify(paymentOf("deposits", idOfSample(sample), sample, "completed")));

function registered(sample: Sample) {
  const { id: connection_id } = started.shop.connection;
  const { amount } = sample;
  const provider_refs = { deposit_id: idOfSample(sample) };
  const body = { connection_id, kind: "checkout", provider_refs, amount, currency: "ZMW" };
  return api(started.hakika, "POST", "/v1/transactions", body);
}

test("a signed callback settles by itself, with the key that pawaPay publishes", async () => {
  const sample = newSample(new Date());
  const { id } = await registered(sample);
  const body = bodyOf(sample);
  expect((await request("POST", deposits(), body, signatureHeaders(deposits(), body, new Date()))).status).toBe(200);
  const [event] = await started.shop.merchant.until(events => events.length > 0);
  expect(event).toMatchObject({ type: "payment.completed", data: { transaction: { id, status_source: "callback" } } });
  const { timeline } = await api(started.hakika, "GET", `/v1/transactions/${id}`);
  expect(timeline).toContainEqual(expect.objectContaining({ type: "evidence", strength: "signed" }));
});

test("an expired, a changed and a redirected callback get 401, and settle nothing", async () => {
  const sample = newSample(new Date());
  const { id } = await registered(sample);
  const body = bodyOf(sample);
  const now = new Date();
  const old = new Date(now.getTime() - 7 * 60_000);
  const other = bodyOf(newSample(now));
  const payouts = started.shop.connection.callback_urls.payouts!;
  const unknownKey = signatureHeaders(deposits(), body, now);
  const forgeries = [
    signatureHeaders(deposits(), body, old),
    signatureHeaders(deposits(), other, now),
    signatureHeaders(payouts, body, now),
    { ...unknownKey, "signature-input": unknownKey["signature-input"]!.replace("KEY:1", "KEY:2") },
    { ...unknownKey, "signature-input": "" },
  ];
  for (const headers of forgeries) {
    expect((await request("POST", deposits(), body, headers)).status).toBe(401);
  }
  expect(await api(started.hakika, "GET", `/v1/transactions/${id}`)).toMatchObject({ status: "pending" });
  const late = signatureHeaders(deposits(), body, new Date(now.getTime() - 4 * 60_000));
  expect((await request("POST", deposits(), body, late)).status).toBe(200);
});

test("a refund gives back its part of the deposit", async () => {
  const sample = newSample(new Date());
  const { id } = await registered(sample);
  const paid = bodyOf(sample);
  await request("POST", deposits(), paid, signatureHeaders(deposits(), paid, new Date()));
  const refunds = started.shop.connection.callback_urls.refunds!;
  const refund = {
    ...paymentOf("refunds", idOfSample(newSample(new Date())), { ...sample, amount: "20.00" }, "completed"),
    depositId: idOfSample(sample),
  };
  const body = Buffer.from(JSON.stringify(refund));
  expect((await request("POST", refunds, body, signatureHeaders(refunds, body, new Date()))).status).toBe(200);
  const given = async () => (await api(started.hakika, "GET", `/v1/transactions/${id}`)).refunded_amount;
  await expect.poll(given, { timeout: 20_000 }).toBe("20.00");
});
