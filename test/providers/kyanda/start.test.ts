import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { kyanda as provider } from "../../../src/providers/kyanda/kyanda.ts";
import { type SimulatedKyanda, simulateKyanda } from "../../../src/providers/kyanda/simulator/server.ts";
import type { StartFault } from "../../../src/simulator/starts.ts";
import { startBundle } from "../../start/start-bundle.ts";
import type { Json } from "../../support/hakika.ts";
import { orderOf } from "../start-order.ts";

const { connect, start, told, polled } = startBundle();
let kyanda: SimulatedKyanda;
let connection: Json;
let n = 0;

beforeEach(async () => {
  kyanda = await simulateKyanda();
  const credentials = { merchant_id: "MERCHANT", api_key: "api-key" };
  connection = await connect({ provider: "kyanda", credentials, base_url: kyanda.url });
  n += 1;
});
afterEach(() => kyanda.close());

const phone = "+254715330000";
const person = { initiator_name: "Asha Juma" };
const orders: Record<string, { path: string; family: string; body: Record<string, unknown>; sent: object }> = {
  checkout: {
    ...{ path: "payments", family: "payment", body: { phone, amount: "1500" } },
    sent: { phoneNumber: "0715330000", amount: "1500", channel: "MPESA" },
  },
  mobile_payout: {
    ...{ path: "payouts", family: "payout", body: { phone, amount: "1500.50", options: person } },
    sent: { destination: { destinationPhone: "0715330000", amount: "1500.50", channel: "MPESA" } },
  },
  bank_payout: {
    ...{ path: "payouts", family: "payout" },
    body: { phone, account: "2042581154", amount: "90", options: { ...person, bank_code: "101", name: "Harry Kessy" } },
    sent: { source: { initiatorName: "Asha Juma", initiatorCountry: "Kenya" } },
  },
  upi: {
    ...{ path: "payouts", family: "payout" },
    body: {
      ...{ account: "ACC-0002", amount: "10" },
      options: { sender_party: "ACC-0001", sender_channel: "112", recipient_channel: "103" },
    },
    sent: { data: { sender_party: "ACC-0001", recipient_party: "ACC-0002", sender_curr: "KSH", amount: "10" } },
  },
  b2b: {
    ...{
      path: "payouts",
      family: "payout",
      body: { account: "RENT-7", amount: "5", options: { short_code: "400400" } },
    },
    sent: { channel: "BusinessPayBill", destination: { shortCode: "400400", identifier: "RENT-7", amount: "5" } },
  },
  airtime: {
    ...{ path: "airtime", family: "airtime", body: { phone, amount: "100", options: { telco: "SAFARICOM" } } },
    sent: { phone: "0715330000", telco: "SAFARICOM", initiatorPhone: "0715330000" },
  },
  data_bundle: {
    ...{ path: "airtime", family: "airtime" },
    body: { phone, amount: "20", options: { product_code: "DAILY_DATA_225MB" } },
    sent: { telco: "FAIBA_B", productCode: "DAILY_DATA_225MB" },
  },
  pin_airtime: {
    ...{ path: "airtime", family: "airtime", body: { phone, amount: "100", options: { telco: "AIRTEL" } } },
    sent: { telco: "AIRTEL" },
  },
  bill: {
    ...{ path: "bills", family: "bill" },
    body: { account: "DECODER-0123", amount: "100", options: { telco: "DSTV", initiator_phone: "0711000001" } },
    sent: { account: "DECODER-0123", telco: "DSTV", initiatorPhone: "0711000001" },
  },
  sms: {
    ...{ path: "messages", family: "message", body: { phone, options: { otp: "4343" } } },
    sent: { phone: "0715330000", otp: "4343" },
  },
};

describe.each(Object.keys(orders))("%s", kind => {
  const { path, family, body, sent } = orders[kind]!;
  const order = () => ({ connection_id: connection.id, kind, reference: `${kind}-${n}`, ...body });
  const finish = (outcome: "completed" | "failed") =>
    kyanda.finish(kyanda.starts.taken[0]!.id, outcome, connection.callback_urls.ipn);

  test("is signed, accepted with its reference, and settled by its callback", async () => {
    const { status, json, text } = await start(path, order());
    expect([status, json.status, json.start?.state], text).toEqual([201, "pending", "accepted"]);
    expect(kyanda.starts.taken[0]!.body).toMatchObject(sent);
    expect(json.provider_refs).toEqual({ transaction_ref: kyanda.starts.taken[0]!.id });
    await finish("completed");
    expect(await told(json.id, `${family}.completed`)).toMatchObject({ kind, status: "completed" });
  });

  test("is settled by a poll where the callback is lost", async () => {
    const { json } = await start(path, order());
    kyanda.ledger.settle(kyanda.starts.taken[0]!.id, "completed");
    expect(await polled(json.id, "completed")).toMatchObject({ status_source: "poll" });
  });

  test("whose answer was lost is unknown, is never sent again, and is found by its recipient and amount", async () => {
    kyanda.starts.faults.push({ do: "lose-answer" });
    const lost = order();
    const { status, json } = await start(path, lost, `lost-${kind}-${n}`);
    expect([status, json.start.state]).toEqual([202, "unknown"]);
    expect((await start(path, lost, `lost-${kind}-${n}`)).json.id).toBe(json.id);
    expect(kyanda.starts.taken).toHaveLength(1);
    await finish("completed");
    // The callback's id is not the registration's: Kyanda is asked about it.
    const settled = await told(json.id, `${family}.completed`);
    expect(settled.provider_refs.transaction_ref).toBe(kyanda.starts.taken[0]!.id);
  });
});

test("of two orders with lost answers to one phone, each callback settles one", async () => {
  kyanda.starts.faults.push({ do: "lose-answer" }, { do: "lose-answer" });
  const order = (reference: string) => ({ ...orders.mobile_payout!.body, kind: "mobile_payout", reference });
  const on = { connection_id: connection.id };
  const [first, second] = [
    await start("payouts", { ...order(`A-${n}`), ...on }),
    await start("payouts", { ...order(`B-${n}`), ...on }),
  ];
  for (const { id } of kyanda.starts.taken) await kyanda.finish(id, "completed", connection.callback_urls.ipn);
  const settled = [await told(first.json.id, "payout.completed"), await told(second.json.id, "payout.completed")];
  expect(new Set(settled.map(each => each.provider_refs.transaction_ref)).size).toBe(2);
});

test("a callback of another amount, or to another phone, is another transaction's", async () => {
  kyanda.starts.faults.push({ do: "lose-answer" });
  const on = { connection_id: connection.id };
  const { json } = await start("airtime", { ...orders.airtime!.body, kind: "airtime", reference: `A-${n}`, ...on });
  const { id } = kyanda.starts.taken[0]!;
  for (const [ref, other] of [
    ["KYAOTHER1", { amount: "101" }],
    ["KYAOTHER2", { phone: "0715330009" }],
  ] as const) {
    kyanda.ledger.add(ref, { ...kyanda.ledger.get(id)!, ...other, outcome: "completed" });
    await kyanda.finish(ref, "completed", connection.callback_urls.ipn);
  }
  await kyanda.finish(id, "completed", connection.callback_urls.ipn);
  expect((await told(json.id, "airtime.completed")).provider_refs.transaction_ref).toBe(id);
});

test.each<[string, StartFault, string, string]>([
  ["8006", { do: "refuse", reply: reply(400, "8006", "Duplicate transmission.") }, "unknown", "code 8006"],
  ["9005", { do: "refuse", reply: reply(200, "9005", "Duplicate transmission") }, "unknown", "code 9005"],
  ["5000", { do: "refuse", reply: reply(200, "5000", "Unexpected error has occurred.") }, "unknown", "code 5000"],
  ["1106", { do: "refuse", reply: reply(400, "1106", "Airtime Service unavailable.") }, "unknown", "1106"],
  ["HTTP 502", { do: "take-and-fail", status: 502 }, "unknown", "HTTP 502"],
  ["1107", { do: "refuse", reply: reply(400, "1107", "Insufficient float balance.") }, "refused", "code 1107"],
  ["8002", { do: "refuse", reply: reply(200, "8002", "Invalid phone number format.") }, "refused", "code 8002"],
])("answered %s a start is told as what it is", async (_, fault, state, message) => {
  kyanda.starts.faults.push(fault);
  const { json } = await start("airtime", {
    ...{ ...orders.airtime!.body, kind: "airtime", reference: `A-${n}`, connection_id: connection.id },
  });
  expect(json.start).toMatchObject({ state, provider_message: expect.stringContaining(message) });
  expect(json.status).toBe(state === "refused" ? "failed" : "pending");
});

function reply(status: number, status_code: string, transactiontxt: string) {
  return { status, body: { status: "Failed", status_code, transactiontxt } };
}

test.each([
  ["payouts", "mobile_payout", { options: {} }, "options.initiator_name"],
  ["payouts", "mobile_payout", { phone: "+256772000001" }, "phone"],
  ["payouts", "bank_payout", { account: undefined }, "account"],
  ["airtime", "airtime", { options: { telco: "VODACOM" } }, "options.telco"],
  ["messages", "sms", { options: { otp: "12345" } }, "options.otp"],
  ["payments", "checkout", { currency: "UGX" }, "currency"],
])("what Kyanda would refuse is refused before anything leaves: %s %s %j", async (path, kind, more, at) => {
  const order = { connection_id: connection.id, kind, reference: `R-${n}`, ...orders[kind]!.body, ...more };
  const { status, json } = await start(path, order);
  expect([status, json.errors?.[0]?.path]).toEqual([422, at]);
  expect(kyanda.calls).toEqual([]);
});

test("a signature is over the values in the document's order", () => {
  const order = orderOf({
    ...{ kind: "mobile_payout", phone, amount: { minor: 150_000n, currency: "KES" }, options: person },
    credentials: { merchant_id: "kyanda", api_key: "key" },
  });
  const request = provider.start!.request(order);
  if (request.kind !== "call") throw new Error(JSON.stringify(request));
  // HMAC-SHA256 of "15000715330000Asha JumaKenyaMPESAkyanda" with the key "key".
  expect(JSON.parse(request.call.body!).signature).toMatch(/^[0-9a-f]{64}$/);
});
