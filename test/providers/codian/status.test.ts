import { describe, expect, test } from "vitest";
import type { ProviderCall } from "../../../src/providers/call.ts";
import { codian } from "../../../src/providers/codian/codian.ts";
import { finalInAnswer, readCodian } from "../../../src/providers/codian/status.ts";
import { answerOf, questionOf } from "../poll-over-http.ts";

const id = "ws_CO_18102025233026712345678";
const question = questionOf({ kind: "stk_push", refs: { checkout_request_id: id } });
const again = { ...question, provisionalSince: new Date(question.now.getTime() - 60_000) };

test("the credentials travel in the body", async () => {
  const calls: ProviderCall[] = [];
  await codian.status!.poll(question, async call => {
    calls.push(call);
    return answerOf(200, {});
  });
  expect(calls).toMatchObject([{ method: "POST", path: "/v1/payments/c2b/status/" }]);
  expect(JSON.parse(calls[0]!.body!)).toEqual({
    client_id: "client",
    client_secret: "client-secret",
    checkout_request_id: id,
  });
});

describe("the answer", () => {
  test.each(Object.entries(finalInAnswer))("%s says %s; a failure only when it is heard again", (code, says) => {
    const body = { success: true, data: { checkout_request_id: id, status: code } };
    const first = readCodian(answerOf(200, body), question);
    expect(first).toMatchObject({ kind: "evidence", findings: [{ says, result: { code } }] });
    const isFirm = first.kind === "evidence" && first.findings[0].provisional !== true;
    expect(isFirm).toBe(says === "completed");
    expect(readCodian(answerOf(200, body), again)).not.toMatchObject({ findings: [{ provisional: true }] });
  });

  test("is read at the root and in M-Pesa's envelope too, with amount and receipt of a success", () => {
    const paid = { CheckoutRequestID: id, ResultCode: "0", Amount: "50", MpesaReceiptNumber: "tjikq7v33n" };
    for (const body of [paid, { Body: { stkCallback: paid } }]) {
      expect(readCodian(answerOf(200, body), question)).toMatchObject({
        findings: [{ says: "completed", amount: { minor: 5000n, currency: "KES" }, refs: { receipt: "TJIKQ7V33N" } }],
      });
    }
  });

  test.each([
    ["success, which may be the call's", { checkout_request_id: id, status: "success" }],
    ["no id", { ResultCode: "0" }],
    ["another's id", { checkout_request_id: `${id}0`, ResultCode: "0" }],
    ["a success beside an id elsewhere", { ResultCode: "0", data: { checkout_request_id: id } }],
    ["an unknown code", { checkout_request_id: id, ResultCode: "4999" }],
    ["pending", { checkout_request_id: id, status: "pending" }],
    ["an amount that is none", { checkout_request_id: id, ResultCode: "0", Amount: "fifty" }],
    ["nothing", {}],
  ])("%s ends nothing", (_name, body) => {
    expect(readCodian(answerOf(200, body), question)).toMatchObject({ kind: "not-yet" });
  });

  test.each([
    ["unknown", 404, { success: false }, { kind: "not-found" }],
    ["no such call", 404, "<html>", { kind: "refused", reason: "HTTP 404" }],
    ["refused", 401, {}, { kind: "credentials-refused", token: false }],
    ["429", 429, "", { kind: "throttled", retryAfterS: null }],
    ["broken", 500, "", { kind: "unavailable" }],
    ["invalid", 400, { success: false, checkout_request_id: id, ResultCode: "0" }, { kind: "refused" }],
  ])("%s", (_name, status, body, expected) => {
    expect(readCodian(answerOf(status, body), question)).toMatchObject(expected);
  });
});
