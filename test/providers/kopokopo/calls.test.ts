import { describe, expect, test } from "vitest";
import { wrongReceiverOf } from "../../../src/connections/receiver.ts";
import type { ProviderCall } from "../../../src/providers/call.ts";
import { kopokopo } from "../../../src/providers/kopokopo/kopokopo.ts";
import { readStatus } from "../../../src/providers/kopokopo/status.ts";
import { accountOf, answerOf, questionOf } from "../poll-over-http.ts";
import { orderOf } from "../start-order.ts";

const id = "a652f86f-f2aa-4d70-baa2-ccfe4b78f4fc";
const callbackUrls = {
  webhook: "https://pay.example/in/kopokopo/t0ken/webhook",
  result: "https://pay.example/in/kopokopo/t0ken/result",
};
const account = accountOf({ credentials: { till_number: "112233" }, callbackUrls });
const question = questionOf({ kind: "stk_push", refs: { k2_id: id } });
const push = (status: string, resource: object | null = null) => ({
  data: { id, type: "incoming_payment", attributes: { status, event: { resource, errors: null } } },
});

test("regression: a payment to a till that settings.receivers does not name is another receiver's", () => {
  const body = { topic: "buygoods_transaction_received", event: { resource: { till_number: "125476" } } };
  const wrong = (settings: object) =>
    wrongReceiverOf(kopokopo, kopokopo.channels.webhook!, body, { credentials: { till_number: "K514459" }, settings });
  expect(wrong({ receivers: ["999999"] })).toMatchObject({ problem: { path: "event.resource.till_number" } });
  expect(wrong({ receivers: ["999999", "125476"] })).toBe(null);
  expect(wrong({})).toBe(null);
});

test("a push and sent money are asked about by their ids", async () => {
  const calls: ProviderCall[] = [];
  for (const kind of ["stk_push", "bank_payout"] as const) {
    await kopokopo.status!.poll({ ...question, kind }, async call => {
      calls.push(call);
      return answerOf(200, {});
    });
  }
  expect(calls).toMatchObject([
    { path: `/api/v2/incoming_payments/${id}`, auth: "bearer" },
    { path: `/api/v2/send_money/${id}`, auth: "bearer" },
  ]);
});

describe("an answer", () => {
  test("of a push that was paid has receipt and amount", () => {
    const paid = push("Success", { reference: "ojj1mpu40z", amount: "100.0", currency: "KES" });
    expect(readStatus(answerOf(200, paid), question)).toMatchObject({
      findings: [{ says: "completed", refs: { k2_id: id, receipt: "OJJ1MPU40Z" }, amount: { minor: 10000n } }],
    });
    expect(readStatus(answerOf(200, push("Failed")), question)).toMatchObject({ findings: [{ says: "failed" }] });
  });

  test.each([
    ["pending", 200, push("Pending"), { kind: "not-yet" }],
    ["an unknown word", 200, push("Held"), { kind: "not-yet" }],
    ["an amount that is none", 200, push("Success", { amount: "much" }), { kind: "not-yet" }],
    ["another push", 200, { data: { ...push("Success").data, id: "other" } }, { kind: "not-yet" }],
    ["an unknown id", 404, { error_code: 404 }, { kind: "not-found" }],
    ["a refused token", 401, {}, { kind: "credentials-refused", token: true }],
    ["a broken server", 500, {}, { kind: "unavailable" }],
  ])("%s", (_name, status, body, expected) => {
    expect(readStatus(answerOf(status, body), question)).toMatchObject(expected);
  });
});

test("a statement is asked for in East Africa Time, and comes as a callback", async () => {
  const window = { from: new Date("2026-03-28T05:50:22Z"), to: new Date("2026-03-28T09:00:00Z") };
  const calls: ProviderCall[] = [];
  const page = await kopokopo.pull!.page(account, window, 0, async call => {
    calls.push(call);
    return answerOf(201, "");
  });
  expect(page).toEqual({ kind: "deferred" });
  expect(JSON.parse(calls[0]!.body!)).toEqual({
    scope: "till",
    scope_reference: "112233",
    from_time: "2026-03-28T08:50:22+03:00",
    to_time: "2026-03-28T12:00:00+03:00",
    _links: { callback_url: callbackUrls.result },
  });
});

test("each topic is subscribed to, and the first refusal ends it", async () => {
  const [register] = kopokopo.register!;
  const topics: unknown[] = [];
  const run = (status: number) =>
    register.run(account, async call => {
      topics.push((JSON.parse(call.body!) as { event_type: string }).event_type);
      return answerOf(status, "");
    });
  expect(await run(201)).toEqual({ kind: "registered", channels: ["webhook"] });
  expect(topics).toHaveLength(4);
  expect(await run(422)).toMatchObject({ kind: "refused" });
  expect(topics).toHaveLength(5);
});

describe("starting", () => {
  const amount = { minor: 10000n, currency: "KES" };
  const { credentials } = account;
  const order = orderOf({ kind: "stk_push", amount, phone: "+254711330021", credentials, callbackUrls });

  test("a push carries the reference in its metadata", () => {
    const request = kopokopo.start!.request(order);
    if (request.kind !== "call") throw new Error("no call");
    expect(JSON.parse(request.call.body!)).toEqual({
      payment_channel: "M-PESA STK Push",
      till_number: "112233",
      subscriber: { phone_number: "+254711330021" },
      amount: { currency: "KES", value: 100 },
      metadata: { reference: "INV-77" },
      _links: { callback_url: callbackUrls.result },
    });
    expect(kopokopo.start!.request({ ...order, phone: null })).toMatchObject({ problems: [{ path: "phone" }] });
  });

  test("its id is the end of the answer's Location", () => {
    const read = (status: number, location?: string) =>
      kopokopo.start!.read(answerOf(status, "", location === undefined ? {} : { location }), order);
    expect(read(201, `https://sandbox.kopokopo.com/api/v2/incoming_payments/${id}`)).toMatchObject({
      kind: "accepted",
      refs: { k2_id: id },
    });
    expect(read(201)).toMatchObject({ kind: "unknown" });
    expect(read(400)).toMatchObject({ kind: "refused" });
    expect(read(503)).toMatchObject({ kind: "unavailable" });
  });
});
