import { describe, expect, test } from "vitest";
import type { ProviderCall } from "../../../src/providers/call.ts";
import { pawapay } from "../../../src/providers/pawapay/pawapay.ts";
import { readStatus } from "../../../src/providers/pawapay/status.ts";
import { answerOf, questionOf } from "../poll-over-http.ts";
import { orderOf } from "../start-order.ts";

const id = "8917c345-4791-4285-a416-62f24b6982db";
const question = questionOf({ kind: "checkout", refs: { deposit_id: id }, credentials: { api_token: "token" } });
const deposit = { depositId: id, status: "COMPLETED", amount: "123.00", currency: "ZMW" };
const read = (data: object) => readStatus(answerOf(200, { status: "FOUND", data }), question);

test("each product is asked about by its own id", async () => {
  const calls: ProviderCall[] = [];
  const refs = { deposit_id: "d/1", payout_id: "p", refund_id: "r" };
  for (const kind of ["payment", "mobile_payout", "reversal"] as const) {
    await pawapay.status!.poll({ ...question, kind, refs }, async call => {
      calls.push(call);
      return answerOf(200, {});
    });
  }
  expect(calls.map(({ path }) => path)).toEqual(["/v2/deposits/d%2F1", "/v2/payouts/p", "/v2/refunds/r"]);
  expect(calls[0]!.headers).toMatchObject({ authorization: "Bearer token" });
});

describe("an answer", () => {
  test.each([
    [{}, "completed", "COMPLETED"],
    [{ status: "FAILED", failureReason: { failureCode: "PAYER_NOT_FOUND" } }, "failed", "PAYER_NOT_FOUND"],
    [{ status: "IN_RECONCILIATION" }, "processing", "IN_RECONCILIATION"],
    [{ status: "ENQUEUED" }, "processing", "ENQUEUED"],
  ])("with %j says %s", (over, says, code) => {
    expect(read({ ...deposit, ...over })).toMatchObject({
      findings: [{ says, result: { code }, amount: { minor: 12300n, currency: "ZMW" } }],
    });
  });

  test.each([
    ["an unknown word", { ...deposit, status: "MAYBE" }],
    ["another deposit", { ...deposit, depositId: "other" }],
    ["an amount that is none", { ...deposit, amount: "12.345" }],
    ["no data", undefined],
  ])("of %s ends nothing", (_name, data) => {
    expect(read(data as object)).toMatchObject({ kind: "not-yet" });
  });

  test.each([
    ["an unknown id", 200, { status: "NOT_FOUND" }, { kind: "not-found" }],
    ["a list, as version 1 answers", 200, [deposit], { kind: "unavailable" }],
    ["a wrong token", 401, {}, { kind: "credentials-refused", token: false }],
    ["a broken server", 500, {}, { kind: "unavailable" }],
  ])("%s", (_name, status, body, expected) => {
    expect(readStatus(answerOf(status, body), question)).toMatchObject(expected);
  });
});

test("published keys are read by their ids, and a list that is none is unavailable", () => {
  const list = [{ id: "HTTP_EC_P256_KEY:1", key: "-----BEGIN PUBLIC KEY-----" }, { id: 5 }, null];
  expect(pawapay.keys!.read(answerOf(200, list))).toEqual({
    kind: "keys",
    keys: { "HTTP_EC_P256_KEY:1": "-----BEGIN PUBLIC KEY-----" },
  });
  expect(pawapay.keys!.read(answerOf(200, {}))).toMatchObject({ kind: "unavailable" });
});

describe("starting", () => {
  const credentials = { api_token: "token" };
  const amount = { minor: 12300n, currency: "ZMW" };
  const order = orderOf({ credentials, amount, phone: "+260763456789", options: { operator: "MTN_MOMO_ZMB" } });

  test("a deposit has our id, and no decimals where there are none", () => {
    const request = pawapay.start!.request(order);
    if (request.kind !== "call") throw new Error("no call");
    expect(request).toMatchObject({ refs: { deposit_id: order.id }, call: { path: "/v2/deposits" } });
    expect(JSON.parse(request.call.body!)).toEqual({
      depositId: order.id,
      amount: "123",
      currency: "ZMW",
      payer: { type: "MMO", accountDetails: { phoneNumber: "260763456789", provider: "MTN_MOMO_ZMB" } },
      clientReferenceId: "INV-77",
      customerMessage: "Rent May",
    });
  });

  test("a refund names its deposit, and nothing is sent without one", () => {
    const refund = { ...order, kind: "reversal" as const, options: {} };
    expect(pawapay.start!.request(refund)).toMatchObject({ kind: "problems" });
    const request = pawapay.start!.request({ ...refund, reverses: { deposit_id: id } });
    expect(request).toMatchObject({ refs: { refund_id: order.id }, call: { path: "/v2/refunds" } });
  });

  test.each([
    [200, { status: "ACCEPTED" }, { kind: "accepted", refs: { deposit_id: order.id } }],
    [200, { status: "DUPLICATE_IGNORED" }, { kind: "unknown" }],
    [
      200,
      { status: "REJECTED", failureReason: { failureCode: "INVALID_PHONE" } },
      { kind: "refused", code: "INVALID_PHONE" },
    ],
    [400, {}, { kind: "refused" }],
    [503, {}, { kind: "unavailable" }],
  ])("%i %j is read", (status, body, expected) => {
    expect(pawapay.start!.read(answerOf(status, body), order)).toMatchObject(expected);
  });
});
