import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { api as airtel, callbackOf } from "../../src/providers/airtelmoney/simulator/api.ts";
import { apiKey, api as kopokopo, pushOf } from "../../src/providers/kopokopo/simulator/api.ts";
import { api as mtn, paymentOf as mtnPayment } from "../../src/providers/mtnmomo/simulator/api.ts";
import { api as pawapay, paymentOf as pawapayPayment } from "../../src/providers/pawapay/simulator/api.ts";
import { api as pesapal } from "../../src/providers/pesapal/simulator/api.ts";
import type { Sample } from "../../src/simulator/play/sample.ts";
import { jsonCallback, postCallback, type SimulatedCallback } from "../../src/simulator/post-callback.ts";
import { type SimulatedStatusApi, type StatusApi, serveStatusApi } from "../../src/simulator/status-api.ts";
import type { Json } from "../support/hakika.ts";
import { startBundle } from "./start-bundle.ts";

const { call, connect, start, told, polled } = startBundle();

type Case = {
  provider: string;
  api: StatusApi;
  kind: string;
  path: string;
  body: Record<string, unknown>;
  credentials?: Record<string, string>;
  settings?: Record<string, unknown>;
  channel: string;
  callback: (id: string, sample: Sample) => SimulatedCallback;
  /** Whether a lost answer leaves an id to be asked about. */
  ownId: boolean;
};

const put = (id: string, body: Record<string, unknown>): SimulatedCallback => ({
  ...jsonCallback(body),
  method: "PUT",
  query: { reference_id: id },
});
const signed = (callback: SimulatedCallback): SimulatedCallback => {
  const signature = createHmac("sha256", apiKey).update(callback.body).digest("hex");
  return { ...callback, headers: { "x-kopokopo-signature": signature } };
};
const kenyan = { phone: "+254711330021", amount: "50.00", currency: "KES" };
const cases: Record<string, Case> = {
  "MTN request to pay": {
    ...{ provider: "mtnmomo", api: mtn, kind: "checkout", path: "payments", channel: "collection", ownId: true },
    ...{
      credentials: { target_environment: "sandbox" },
      body: { phone: "+256772123456", amount: "50.00", currency: "EUR" },
    },
    callback: (id, sample) => put(id, mtnPayment(sample, "completed")),
  },
  "MTN transfer": {
    ...{ provider: "mtnmomo", api: mtn, kind: "mobile_payout", path: "payouts", channel: "disbursement", ownId: true },
    ...{
      credentials: { target_environment: "sandbox" },
      body: { phone: "+256772123456", amount: "50.00", currency: "EUR" },
    },
    callback: (id, sample) => put(id, mtnPayment(sample, "completed")),
  },
  "pawaPay deposit": {
    ...{ provider: "pawapay", api: pawapay, kind: "checkout", path: "payments", channel: "deposits", ownId: true },
    body: { phone: "+260763456789", amount: "50", currency: "ZMW", options: { operator: "MTN_MOMO_ZMB" } },
    callback: (id, sample) => jsonCallback(pawapayPayment("deposits", id, sample, "completed")),
  },
  "pawaPay payout": {
    ...{ provider: "pawapay", api: pawapay, kind: "mobile_payout", path: "payouts", channel: "payouts", ownId: true },
    body: { phone: "+260763456789", amount: "50", currency: "ZMW", options: { operator: "MTN_MOMO_ZMB" } },
    callback: (id, sample) => jsonCallback(pawapayPayment("payouts", id, sample, "completed")),
  },
  "Airtel push": {
    ...{ provider: "airtelmoney", api: airtel, kind: "checkout", path: "payments", channel: "callbacks", ownId: true },
    ...{ body: kenyan, callback: (_id, sample) => jsonCallback(callbackOf(sample, "completed")) },
  },
  "Pesapal order": {
    ...{ provider: "pesapal", api: pesapal, kind: "checkout", path: "payments", channel: "ipn", ownId: false },
    body: { ...kenyan, options: { callback_url: "https://shop.example/thanks" } },
    callback: (id, { mark }) =>
      jsonCallback({ OrderTrackingId: id, OrderNotificationType: "IPNCHANGE", OrderMerchantReference: mark }),
  },
  "Kopo Kopo push": {
    ...{ provider: "kopokopo", api: kopokopo, kind: "stk_push", path: "payments", channel: "result", ownId: false },
    ...{ body: kenyan, callback: (id, sample) => signed(jsonCallback(pushOf(id, sample, "completed"))) },
  },
};

let n = 0;
describe.each(Object.keys(cases))("%s", name => {
  const { provider, api, kind, path, body, credentials, settings, channel, callback, ownId } = cases[name]!;
  const family = path === "payments" ? "payment" : "payout";
  let server: SimulatedStatusApi;
  let connection: Json;
  const order = () => ({ connection_id: connection.id, kind, reference: `ORDER-${n}`, ...body });

  beforeEach(async () => {
    n += 1;
    server = await serveStatusApi(api);
    connection = await connect({
      ...{ provider, base_url: server.url, credentials: { ...api.credentials, ...credentials } },
      ...(settings && { settings }),
    });
    if (provider === "pesapal") await call("POST", `/v1/connections/${connection.id}/register`);
  });
  afterEach(() => server.close());

  async function finish() {
    const { id } = server.starts.taken[0]!;
    server.ledger.settle(id, "completed");
    const { sample } = server.ledger.get(id)!;
    expect((await postCallback(connection.callback_urls[channel], callback(id, sample)))[0]).toBe(200);
  }

  test("is accepted with its id, and settled by its callback", async () => {
    const { status, json, text } = await start(path, order());
    expect([status, json.status, json.start?.state], text).toEqual([201, "pending", "accepted"]);
    expect(Object.values(json.provider_refs)).toContain(server.starts.taken[0]!.id);
    await finish();
    expect(await told(json.id, `${family}.completed`)).toMatchObject({ kind });
  });

  test("is settled by a poll where the callback is lost", async () => {
    const { json } = await start(path, order());
    server.ledger.settle(server.starts.taken[0]!.id, "completed");
    expect(await polled(json.id, "completed")).toMatchObject({ status_source: "poll" });
  });

  test("whose answer was lost is unknown, is not another order, and is settled all the same", async () => {
    // A provider for whom one id is one payment is asked again at once; then its second answer is lost too.
    server.starts.faults.push({ do: "lose-answer" }, { do: "lose-answer" }, { do: "lose-answer" });
    const lost = order();
    const { status, json } = await start(path, lost, `lost-${n}`);
    expect([status, json.start.state]).toEqual([202, "unknown"]);
    expect((await start(path, lost, `lost-${n}`)).json.id).toBe(json.id);
    expect(new Set(server.starts.taken.map(({ id }) => id)).size).toBe(1);
    if (ownId) {
      server.ledger.settle(server.starts.taken[0]!.id, "completed");
      await polled(json.id, "completed");
    } else {
      await finish();
      await told(json.id, `${family}.completed`);
    }
  });
});

test("regression: a refusal of the second call says nothing of the first, whose answer was lost", async () => {
  const server = await serveStatusApi(pawapay);
  const made = await connect({ provider: "pawapay", base_url: server.url, credentials: pawapay.credentials });
  const { body, path, kind } = cases["pawaPay payout"]!;
  server.starts.faults.push({ do: "take-and-fail", status: 503 }, { do: "refuse", reply: { status: 429, body: "" } });
  const order = { connection_id: made.id, kind, reference: "ORDER-TWICE", ...body };
  const { status, json } = await start(path, order);
  expect([status, json.status, json.start.state]).toEqual([202, "pending", "unknown"]);
  server.ledger.settle(server.starts.taken[0]!.id, "completed");
  await polled(json.id, "completed");
  await server.close();
});
