import { describe, expect, test } from "vitest";
import type { ProviderCall } from "../../../src/providers/call.ts";
import { kodipay } from "../../../src/providers/kodipay/kodipay.ts";
import { readStatus, saysByAnswer } from "../../../src/providers/kodipay/status.ts";
import { token } from "../../../src/providers/kodipay/token.ts";
import { accountOf, answerOf, questionOf } from "../poll-over-http.ts";

const orderNumber = "20260415A7K9P2XM1140";
const question = questionOf({ kind: "checkout", refs: { order_number: orderNumber } });

test("an order is asked about by its number, with a bearer token", async () => {
  const calls: ProviderCall[] = [];
  const odd = questionOf({ kind: "checkout", refs: { order_number: "a/../b?c" } });
  for (const each of [question, odd]) {
    await kodipay.status!.poll(each, async call => {
      calls.push(call);
      return answerOf(200, {});
    });
  }
  expect(calls).toMatchObject([
    { method: "GET", path: `/api/v1/payments/${orderNumber}/status`, auth: "bearer" },
    { path: "/api/v1/payments/a%2F..%2Fb%3Fc/status" },
  ]);
});

describe("a status answer", () => {
  test.each(Object.entries(saysByAnswer).filter(([, says]) => says !== "pending"))("%s says %s", (status, says) => {
    for (const word of [status, status.toUpperCase()]) {
      const answer = answerOf(200, { orderNumber, status: word, amount: "10.50", currency: "USD" });
      expect(readStatus(answer, question)).toMatchObject({
        kind: "evidence",
        findings: [
          {
            says,
            refs: { order_number: orderNumber },
            amount: { minor: 1050n, currency: "USD" },
            result: { code: word },
          },
        ],
      });
    }
  });

  test("need not repeat the order number", () => {
    expect(readStatus(answerOf(200, { status: "completed" }), question)).toMatchObject({
      findings: [{ says: "completed", identity: [`order_number:${orderNumber}`] }],
    });
  });

  test("wrapped in an envelope counts by the payment's own status", () => {
    const wrapped = (status: string) => answerOf(200, { status: "success", data: { orderNumber, status } });
    expect(readStatus(wrapped("completed"), question)).toMatchObject({ findings: [{ says: "completed" }] });
    expect(readStatus(wrapped("success"), question)).toMatchObject({ findings: [{ says: "completed" }] });
    expect(readStatus(wrapped("failed"), question)).toMatchObject({ findings: [{ says: "failed" }] });
    expect(readStatus(wrapped("pending"), question)).toMatchObject({ kind: "not-yet" });
  });

  test("has a payment's status counted before a call's", () => {
    const answer = answerOf(200, { status: "success", payment_status: "failed", orderNumber });
    expect(readStatus(answer, question)).toMatchObject({ findings: [{ says: "failed" }] });
  });

  test.each([
    ["pending", { orderNumber, status: "pending" }],
    ["a success of the call", { orderNumber, status: "success" }],
    ["a successful call", { orderNumber, status: "successful", message: "Payment found" }],
    ["an unknown word", { orderNumber, status: "settling" }],
    ["no status", { orderNumber }],
    ["nothing", {}],
    ["another order", { orderNumber: "20260415A7K9P2XM9999", status: "completed" }],
    ["an amount that is none", { orderNumber, status: "completed", amount: "ten", currency: "USD" }],
  ])("%s ends nothing", (_name, body) => {
    expect(readStatus(answerOf(200, body), question)).toMatchObject({ kind: "not-yet" });
  });

  test.each([
    ["an unknown order", 404, { message: "Payment not found" }, { kind: "not-found" }],
    ["a refused token", 401, { message: "Unauthenticated." }, { kind: "credentials-refused", token: true }],
    ["a refused client", 403, {}, { kind: "credentials-refused", token: false }],
    ["429", 429, {}, { kind: "throttled", retryAfterS: null }],
    ["a wrong address", 404, "<html>", { kind: "refused", reason: "HTTP 404" }],
    ["HTML", 200, "<html>", { kind: "unavailable" }],
    ["a broken server", 500, {}, { kind: "unavailable" }],
    [
      "an unprocessable request",
      422,
      { message: "No such field" },
      { kind: "refused", reason: "HTTP 422: No such field" },
    ],
  ])("%s", (_name, status, body, expected) => {
    expect(readStatus(answerOf(status, body), question)).toMatchObject(expected);
  });
});

describe("the token", () => {
  test("is asked for as JSON client credentials", () => {
    const call = token.request(accountOf());
    expect(call).toMatchObject({ method: "POST", path: "/oauth/token" });
    expect(JSON.parse(call.body!)).toEqual({
      grant_type: "client_credentials",
      client_id: "client",
      client_secret: "client-secret",
    });
  });

  test("is kept 300 s where its expiry is missing", () => {
    const now = new Date();
    expect(token.read(answerOf(200, { access_token: "t", expires_in: 3600 }), now)).toMatchObject({ expiresInS: 3600 });
    expect(token.read(answerOf(200, { access_token: "t" }), now)).toMatchObject({ expiresInS: 300 });
    expect(token.read(answerOf(401, {}), now)).toMatchObject({ kind: "credentials-refused", token: false });
  });
});
