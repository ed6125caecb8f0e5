import { describe, expect, test } from "vitest";
import type { ProviderCall } from "../../../src/providers/call.ts";
import { pesapal } from "../../../src/providers/pesapal/pesapal.ts";
import { readStatus, saysByStatus } from "../../../src/providers/pesapal/status.ts";
import { accountOf, answerOf, questionOf } from "../poll-over-http.ts";
import { orderOf } from "../start-order.ts";

const trackingId = "b945e4af-80a5-4ec1-8706-e03f8332fb04";
const question = questionOf({ kind: "checkout", refs: { order_tracking_id: trackingId } });
const paid = {
  payment_method: "Mpesa",
  amount: 500.0,
  confirmation_code: "ogf1ruspdd",
  payment_status_description: "Completed",
  payment_account: "2547****1024",
  status_code: 2,
  merchant_reference: "INV-77",
  currency: "KES",
  error: { error_type: null, code: null },
};

test("an order is asked about by its tracking id", async () => {
  const calls: ProviderCall[] = [];
  await pesapal.status!.poll(question, async call => {
    calls.push(call);
    return answerOf(200, {});
  });
  expect(calls).toMatchObject([
    { method: "GET", path: `/api/Transactions/GetTransactionStatus?orderTrackingId=${trackingId}`, auth: "bearer" },
  ]);
});

describe("an answer", () => {
  test("goes by the words, whatever the number beside them", () => {
    expect(readStatus(answerOf(200, paid), question)).toMatchObject({
      findings: [
        {
          says: "completed",
          refs: { order_tracking_id: trackingId, receipt: "OGF1RUSPDD" },
          identity: [`order_tracking_id:${trackingId}`, "receipt:OGF1RUSPDD"],
          amount: { minor: 50000n, currency: "KES" },
          phoneMasked: "2547****1024",
          reference: "INV-77",
        },
      ],
    });
  });

  test("regression: a failed try is told apart from the one that paid", () => {
    const tryOf = (answer: object) =>
      (readStatus(answerOf(200, answer), question) as { findings: { tryId?: string }[] }).findings[0]!.tryId;
    expect(tryOf({ ...paid, confirmation_code: "F-1", payment_status_description: "Failed" })).toBe("F-1");
    expect(tryOf(paid)).toBe("OGF1RUSPDD");
  });

  test.each(Object.entries(saysByStatus).filter(([, says]) => says !== "pending"))("%s says %s", (word, says) => {
    const answer = answerOf(200, { ...paid, payment_status_description: word.toUpperCase() });
    expect(readStatus(answer, question)).toMatchObject({ findings: [{ says }] });
  });

  test.each([
    ["an order that is not paid yet", 200, { ...paid, payment_status_description: "Invalid" }, { kind: "not-yet" }],
    ["an unknown word", 200, { ...paid, payment_status_description: "Held" }, { kind: "not-yet" }],
    ["an amount that is none", 200, { ...paid, amount: "5,00" }, { kind: "not-yet" }],
    ["an order without an attempt", 200, { error: { code: "payment_details_not_found" } }, { kind: "not-found" }],
    [
      "the same as an error of the server",
      500,
      { error: { code: "payment_details_not_found" } },
      { kind: "not-found" },
    ],
    [
      "another error",
      200,
      { error: { code: "invalid_api_request" } },
      { kind: "refused", code: "invalid_api_request" },
    ],
    ["a refused token", 401, {}, { kind: "credentials-refused", token: true }],
    ["a broken server", 503, "<html>", { kind: "unavailable" }],
  ])("%s", (_name, status, body, expected) => {
    expect(readStatus(answerOf(status, body), question)).toMatchObject(expected);
  });
});

test("a token lives until its expiry, five minutes at most, and wrong credentials are told with HTTP 200", () => {
  const { now } = accountOf();
  const read = (body: object) => pesapal.token!.read(answerOf(200, body), now);
  const expiryDate = new Date(now.getTime() + 200_000).toISOString();
  expect(read({ token: "t", expiryDate, error: null })).toEqual({ kind: "token", token: "t", expiresInS: 200 });
  expect(read({ token: "t", expiryDate: "2031-01-01T00:00:00Z" })).toMatchObject({ expiresInS: 300 });
  expect(read({ error: { code: "invalid_consumer_key_or_secret_provided" } })).toMatchObject({
    kind: "credentials-refused",
    token: false,
  });
});

test("a registration returns the id that orders name", async () => {
  const callbackUrls = { ipn: "https://pay.example/in/pesapal/t0ken/ipn" };
  const [register] = pesapal.register!;
  const run = (body: object) => register.run(accountOf({ callbackUrls }), async () => answerOf(200, body));
  expect(await run({ ipn_id: "84740ab4" })).toEqual({
    kind: "registered",
    channels: ["ipn"],
    ids: { ipn_id: "84740ab4" },
  });
  expect(await run({ error: { code: "invalid_url" } })).toMatchObject({ kind: "refused" });
});

describe("starting", () => {
  const options = { callback_url: "https://shop.example/thanks" };
  const amount = { minor: 50000n, currency: "KES" };
  const order = orderOf({ registeredIds: { ipn_id: "84740ab4" }, amount, phone: "+254711330021", options });

  test("an order names the IPN, and is refused before the call without one", () => {
    const request = pesapal.start!.request(order);
    if (request.kind !== "call") throw new Error("no call");
    expect(JSON.parse(request.call.body!)).toMatchObject({
      id: "INV-77",
      amount: 500,
      currency: "KES",
      notification_id: "84740ab4",
      billing_address: { phone_number: "254711330021" },
    });
    expect(pesapal.start!.request({ ...order, registeredIds: {} })).toMatchObject({
      problems: [{ path: "connection_id" }],
    });
    expect(pesapal.start!.request({ ...order, reference: "order 1" })).toMatchObject({
      problems: [{ path: "reference" }],
    });
  });

  test.each([
    [200, { order_tracking_id: "t-1", redirect_url: "https://pay" }, { kind: "accepted", redirectUrl: "https://pay" }],
    [200, { error: { code: "invalid_amount" } }, { kind: "refused" }],
    [200, {}, { kind: "unknown" }],
    [500, {}, { kind: "unavailable" }],
  ])("%i %j is read", (status, body, expected) => {
    expect(pesapal.start!.read(answerOf(status, body), order)).toMatchObject(expected);
  });
});
