import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { daraja as provider } from "../../../src/providers/daraja/daraja.ts";
import { type SimulatedDaraja, simulateDaraja } from "../../../src/providers/daraja/simulator/server.ts";
import type { StartOrder } from "../../../src/providers/start.ts";
import type { StartFault } from "../../../src/simulator/starts.ts";
import { startBundle } from "../../start/start-bundle.ts";
import type { Json } from "../../support/hakika.ts";
import { accountOf } from "../poll-over-http.ts";
import { orderOf } from "../start-order.ts";

const { connect, start, told, polled } = startBundle();
let daraja: SimulatedDaraja;
let connection: Json;
let n = 0;

const credentials = {
  ...{ consumer_key: "key", consumer_secret: "secret", shortcode: "174379", passkey: "passkey" },
  ...{ initiator_name: "apiop", security_credential: "c2VjcmV0" },
};

beforeEach(async () => {
  daraja = await simulateDaraja();
  connection = await connect({ provider: "daraja", credentials, base_url: daraja.url });
  n += 1;
});
afterEach(() => daraja.close());

/** The paid payment of a reversal. */
async function paid(): Promise<Json> {
  const { json } = await start("payments", orders.stk_push.body());
  await daraja.finish(daraja.starts.taken.at(-1)!.id, "completed");
  daraja.starts.taken.length = 0;
  return await told(json.id, "payment.completed");
}

const orders = {
  stk_push: {
    path: "payments",
    family: "payment",
    body: () => ({ kind: "stk_push", phone: "+254708374149", reference: `ORDER-${n}`, amount: "50.00", ...on() }),
    sent: { Amount: 50, PartyA: "254708374149", PartyB: "174379", TransactionType: "CustomerPayBillOnline" },
  },
  b2c: {
    path: "payouts",
    family: "payout",
    body: () => ({ kind: "b2c", phone: "+254708374149", reference: `WAGE-${n}`, amount: "1200", ...on() }),
    sent: { Amount: 1200, PartyA: "174379", PartyB: "254708374149", CommandID: "BusinessPayment" },
  },
  b2b: {
    path: "payouts",
    family: "payout",
    body: () => ({
      ...{ kind: "b2b", account: "RENT-7", reference: `RENT-${n}`, amount: "9000", ...on() },
      options: { short_code: "600000", requester: "+254711000001" },
    }),
    sent: { Amount: 9000, PartyB: "600000", AccountReference: "RENT-7", Requester: "254711000001" },
  },
} as const;
const on = () => ({ connection_id: connection.id });
type Kind = keyof typeof orders;
const kinds = Object.keys(orders) as Kind[];

describe.each(kinds)("%s", kind => {
  const { path, family, body, sent } = orders[kind];

  test("is accepted with its ids, and settled by its callback", async () => {
    const { status, json } = await start(path, body());
    expect([status, json.status, json.start.state]).toEqual([201, "pending", "accepted"]);
    const [taken] = daraja.starts.taken;
    expect(taken!.body).toMatchObject(sent);
    expect(Object.values(json.provider_refs)).toContain(taken!.id);
    await daraja.finish(taken!.id, "completed");
    expect(await told(json.id, `${family}.completed`)).toMatchObject({ status: "completed", kind });
  });

  test("is settled by a poll where the callback is lost", async () => {
    const { json } = await start(path, body());
    daraja.ledger.settle(daraja.starts.taken[0]!.id, "completed");
    // The STK query answers at once, transaction status by a callback, which may come before the query is recorded.
    const source = kind === "stk_push" ? /^poll$/ : /^(poll|callback)$/;
    expect((await polled(json.id, "completed")).status_source).toMatch(source);
  });

  test.each<[string, StartFault]>([
    ["a lost answer", { do: "lose-answer" }],
    ["a 500 after the order was taken", { do: "take-and-fail", status: 500 }],
    ["a gateway's time-out", { do: "take-and-fail", status: 504 }],
  ])("%s is unknown, is never sent again, and its callback settles it", async (_, fault) => {
    daraja.starts.faults.push(fault);
    const order = body();
    const { status, json } = await start(path, order, `lost-${kind}-${n}`);
    expect([status, json.status, json.start.state]).toEqual([202, "pending", "unknown"]);
    expect((await start(path, order, `lost-${kind}-${n}`)).json.id).toBe(json.id);
    expect(daraja.starts.taken).toHaveLength(1);
    await daraja.finish(daraja.starts.taken[0]!.id, "completed");
    const settled = await told(json.id, `${family}.completed`);
    expect(Object.values(settled.provider_refs)).toContain(daraja.starts.taken[0]!.id);
  });

  test("a 4xx is refused, with Daraja's own words", async () => {
    const reply = { status: 400, body: { errorCode: "400.002.02", errorMessage: "Bad Request - Invalid Amount" } };
    daraja.starts.faults.push({ do: "refuse", reply });
    const { status, json } = await start(path, body());
    expect([status, json.status, json.start.state]).toEqual([201, "failed", "refused"]);
    expect(json.start.provider_message).toBe("code 400.002.02: Bad Request - Invalid Amount");
    await told(json.id, `${family}.failed`);
  });
});

test("a payout whose answer was lost is found by a poll: its conversation is ours", async () => {
  daraja.starts.faults.push({ do: "lose-answer" });
  const { json } = await start("payouts", orders.b2c.body());
  expect(json.provider_refs).toEqual({ originator_conversation_id: daraja.starts.taken[0]!.id });
  daraja.ledger.settle(daraja.starts.taken[0]!.id, "completed");
  await polled(json.id, "completed");
});

test("a reversal of the whole gives back what was paid, by callback, also where its answer was lost", async () => {
  for (const fault of [null, { do: "lose-answer" }] satisfies (StartFault | null)[]) {
    const payment = await paid();
    if (fault) daraja.starts.faults.push(fault);
    const { status, json } = await start("reversals", { transaction_id: payment.id });
    expect([status, json.start.state]).toEqual(fault ? [202, "unknown"] : [201, "accepted"]);
    const [taken] = daraja.starts.taken;
    const { receipt } = payment.provider_refs;
    expect(taken!.body).toMatchObject({ TransactionID: receipt, Amount: 50, ReceiverParty: "174379" });
    await daraja.finish(taken!.id, "completed");
    expect(await told(json.id, "payout.completed")).toMatchObject({ kind: "reversal" });
    expect(await told(payment.id, "payment.refunded")).toMatchObject({ refunded_amount: "50.00" });
    daraja.starts.taken.length = 0;
    n += 1;
  }
});

test("a reversal whose callback was lost is settled by a poll", async () => {
  const payment = await paid();
  const { json } = await start("reversals", { transaction_id: payment.id, amount: "20" });
  daraja.ledger.settle(daraja.starts.taken[0]!.id, "completed");
  await polled(json.id, "completed");
});

test.each([
  ["payments", { ...orders.stk_push, more: { amount: "50.50" } }, "amount"],
  ["payments", { ...orders.stk_push, more: { amount: "250001" } }, "amount"],
  ["payments", { ...orders.stk_push, more: { currency: "UGX", amount: "50" } }, "currency"],
  ["payments", { ...orders.stk_push, more: { phone: "+256772000001" } }, "phone"],
  ["payments", { ...orders.stk_push, more: { phone: undefined } }, "phone"],
  ["payments", { ...orders.stk_push, more: { account: "more than twelve" } }, "account"],
  ["payments", { ...orders.stk_push, more: { options: { command_id: "CustomerPayBill" } } }, "options.command_id"],
  ["payouts", { ...orders.b2c, more: { options: { remarks: "x" } } }, "options.remarks"],
  ["payouts", { ...orders.b2b, more: { options: {} } }, "options.short_code"],
  ["payouts", { ...orders.b2b, more: { account: undefined } }, "account"],
])("what Daraja would refuse is refused before anything leaves: %s %j", async (path, { body, more }, at) => {
  const { status, json } = await start(path, { ...body(), ...more });
  expect([status, json.errors?.[0]?.path]).toEqual([422, at]);
  expect(daraja.calls).toEqual([]);
});

test("a reference longer than Daraja's twelve characters is never cut to another's", () => {
  const order: StartOrder = orderOf({
    ...accountOf({ credentials, callbackUrls: { stk: "https://pay.example/in/stk" } }),
    ...{ kind: "stk_push", amount: { minor: 5_000n, currency: "KES" }, phone: "+254708374149" },
    reference: "INVOICE-2026-000123",
  });
  const request = provider.start!.request(order);
  if (request.kind !== "call") throw new Error(JSON.stringify(request));
  const { AccountReference, CallBackURL } = JSON.parse(request.call.body!);
  expect(AccountReference).toBe("8917C3454791");
  expect(CallBackURL).toBe(`https://pay.example/in/stk?order_id=${order.id}`);
});

test.each([
  [500, "500.003.02", "System is busy. Please try again in few minutes."],
  [500, "500.003.03", "Quota Violation"],
  [500, "500.001.1001", "Unable to lock subscriber, a transaction is already in process for the current subscriber"],
  [500, "500.002.1001", "Duplicate OriginatorConversationID."],
  [503, "404.001.03", "Invalid Access Token"],
])("regression: HTTP %d with %s says nothing of the order: unknown", (status, errorCode, errorMessage) => {
  const body = Buffer.from(JSON.stringify({ requestId: "1-1-1", errorCode, errorMessage }));
  const answer = provider.start!.read({ kind: "answer", status, headers: {}, body }, orderOf({ kind: "stk_push" }));
  expect(answer).toMatchObject({ kind: "unknown", reason: expect.stringContaining(errorCode) });
});
