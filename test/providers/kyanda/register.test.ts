import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import type { ProviderCall } from "../../../src/providers/call.ts";
import { readRegistered, registerIpn } from "../../../src/providers/kyanda/register.ts";
import { accountOf, answerOf } from "../poll-over-http.ts";

const now = new Date("2025-10-18T20:30:26.000Z");

test("the URL goes unsigned beside a signature over the merchant", async () => {
  const calls: ProviderCall[] = [];
  const answer = await registerIpn.run(accountOf(), async call => {
    calls.push(call);
    return answerOf(200, { status: "Success", status_code: "0000" });
  });
  expect(calls).toMatchObject([{ path: "/billing/v1/callback-url/create", headers: { apiKey: "api-key" } }]);
  expect(JSON.parse(calls[0]!.body!)).toEqual({
    MerchantID: "MERCHANT",
    callbackURL: "https://hakika.example/in/kyanda/t0ken/ipn",
    signature: createHmac("sha256", "api-key").update("MERCHANT").digest("hex"),
  });
  expect(answer).toEqual({ kind: "registered", channels: ["ipn"] });
});

test.each([
  ["0000", 200, { status_code: "0000" }, "registered"],
  ["200", 200, { status: "200" }, "registered"],
  ["Success", 200, { status: "Success" }, "registered"],
  [
    "6001, there already",
    400,
    { status_code: "6001", transactiontxt: "Callback URL already registered" },
    "already-registered",
  ],
  ["6001", 400, { status_code: "6001" }, "refused"],
  ["6002", 400, { status_code: "6002", transactiontxt: "Invalid callback URL" }, "refused"],
  ["6002 under 200", 200, { status: "6002" }, "refused"],
  ["1109", 400, { status_code: "1109", transactiontxt: "Blank required field" }, "refused"],
  ["1102", 400, { status_code: "1102" }, "credentials-refused"],
  ["nothing", 200, {}, "refused"],
  ["HTML", 500, "<html>", "unavailable"],
  ["429", 429, "", "throttled"],
])("answer %s", (_name, status, body, kind) => {
  expect(readRegistered(answerOf(status, body), now)).toMatchObject({ kind });
});

test("a refusal tells code, words and what to do", () => {
  const answer = readRegistered(answerOf(400, { status_code: "6002", transactiontxt: "Invalid callback URL" }), now);
  expect(answer).toMatchObject({
    reason:
      "Kyanda did not accept the callback URL (code 6002): Invalid callback URL. It accepts one URL by API, once; " +
      "write to its support for changes.",
  });
});
