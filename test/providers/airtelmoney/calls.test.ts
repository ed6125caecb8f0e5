import { constants, generateKeyPairSync, privateDecrypt } from "node:crypto";
import { describe, expect, test } from "vitest";
import { airtelmoney } from "../../../src/providers/airtelmoney/airtelmoney.ts";
import { readStatus } from "../../../src/providers/airtelmoney/status.ts";
import { saysByStatus } from "../../../src/providers/airtelmoney/statuses.ts";
import type { ProviderCall } from "../../../src/providers/call.ts";
import { hmacOf } from "../../../src/providers/kit/hmac-proof.ts";
import { accountOf, answerOf, questionOf } from "../poll-over-http.ts";
import { orderOf } from "../start-order.ts";

const settings = { country: "UG" };
const question = questionOf({ kind: "checkout", refs: { transaction_id: "d-01HX" }, settings });
const status = (word: string, id = "d-01HX") => ({
  data: { transaction: { airtel_money_id: "C36*******67", id, message: "done", status: word } },
  status: { code: "200", result_code: "ESB000010", response_code: "DP00800001006", success: true },
});

test("payments and payouts are asked about in the connection's market", async () => {
  const calls: ProviderCall[] = [];
  for (const kind of ["payment", "mobile_payout"] as const) {
    await airtelmoney.status!.poll({ ...question, kind }, async call => {
      calls.push(call);
      return answerOf(200, {});
    });
  }
  expect(calls).toMatchObject([
    { path: "/standard/v1/payments/d-01HX", auth: "bearer", headers: { "x-country": "UG", "x-currency": "UGX" } },
    { path: "/standard/v2/disbursements/d-01HX?transactionType=B2C" },
  ]);
});

test("a token lives as long as a text says", () => {
  const read = (body: object) => airtelmoney.token!.read(answerOf(200, body), accountOf().now);
  expect(read({ access_token: "t", expires_in: "120" })).toMatchObject({ expiresInS: 120 });
  expect(read({ access_token: "t" })).toMatchObject({ expiresInS: 180 });
});

describe("an answer", () => {
  test.each(Object.entries(saysByStatus).filter(([, says]) => says !== "pending"))("%s says %s", (word, says) => {
    const read = readStatus(answerOf(200, status(word.toUpperCase())), question);
    expect(read).toMatchObject({ findings: [{ says, refs: { transaction_id: "d-01HX" } }] });
    expect((read as { findings: object[] }).findings[0]).not.toHaveProperty("amount");
  });

  test.each([
    ["ambiguous", 200, status("TA"), { kind: "not-yet" }],
    ["a failure of the call alone", 200, { status: { success: false, result_code: "ESB000001" } }, { kind: "not-yet" }],
    ["another transaction", 200, status("TS", "other"), { kind: "not-yet" }],
    ["an unknown transaction", 200, { status: { result_code: "ESB000045" } }, { kind: "not-found" }],
    ["a refused token", 401, {}, { kind: "credentials-refused", token: true }],
    ["a wrong request", 400, { status: { message: "no" } }, { kind: "refused" }],
    ["a gateway that gave up", 504, "", { kind: "unavailable" }],
  ])("%s", (_name, code, body, expected) => {
    expect(readStatus(answerOf(code, body), question)).toMatchObject(expected);
  });
});

test("a hash over the transaction alone fits too, one over anything else is no proof and refuses nothing", () => {
  const transaction = { id: "BBZMiscxy", status_code: "TS" };
  const form = { algorithm: "sha256", encoding: "base64" } as const;
  const verify = (hash: string) => {
    const body = Buffer.from(JSON.stringify({ transaction, hash }));
    const url = "https://pay.example/in/airtelmoney/t0ken/callbacks";
    const callback = { channel: "callbacks", method: "POST" as const, query: {}, headers: {}, receivedAt: new Date(0) };
    return airtelmoney.verify!({ ...callback, url, body }, { callback_key: "key" }, {});
  };
  expect(verify(hmacOf(Buffer.from(JSON.stringify(transaction)), "key", form))).toBe("signed");
  expect(verify(hmacOf(Buffer.from("{}"), "key", form))).toBe("absent");
});

describe("starting", () => {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const order = orderOf({ settings, credentials: { pin: "1234", public_key: publicKey }, phone: "+256701234567" });

  test("a push names the wallet without its country's code, and our id in 30 characters", () => {
    const request = airtelmoney.start!.request(order);
    if (request.kind !== "call") throw new Error("no call");
    const id = "8917c34547914285a41662f24b6982";
    expect(request).toMatchObject({ refs: { transaction_id: id }, call: { path: "/merchant/v1/payments/" } });
    expect(JSON.parse(request.call.body!)).toEqual({
      reference: "Rent May",
      subscriber: { country: "UG", currency: "UGX", msisdn: "701234567" },
      transaction: { amount: 5000, country: "UG", currency: "UGX", id },
    });
    expect(airtelmoney.start!.request({ ...order, phone: "+254711330021" })).toMatchObject({
      problems: [{ path: "phone" }],
    });
  });

  test("a payout carries the encrypted PIN, and none is sent without a key", () => {
    const request = airtelmoney.start!.request({ ...order, kind: "mobile_payout" });
    if (request.kind !== "call") throw new Error("no call");
    const { pin, transaction } = JSON.parse(request.call.body!) as { pin: string; transaction: object };
    const key = { key: privateKey, padding: constants.RSA_PKCS1_PADDING };
    expect(Buffer.from(pin, "base64")).toHaveLength(256);
    expect(transaction).toMatchObject({ type: "B2C" });
    try {
      expect(privateDecrypt(key, Buffer.from(pin, "base64")).toString()).toBe("1234");
    } catch (error) {
      // Some releases of Node refuse to decrypt this padding.
      expect((error as { code?: string }).code).toMatch(/ERR_/);
    }
    const without = { ...order, kind: "mobile_payout" as const, credentials: { pin: "1234", public_key: "none" } };
    expect(airtelmoney.start!.request(without)).toMatchObject({ kind: "problems" });
  });

  test.each([
    [200, { status: { success: true, result_code: "ESB000010" } }, { kind: "accepted" }],
    [200, { status: { success: false, result_code: "ESB000033" } }, { kind: "refused", code: "ESB000033" }],
    [200, { status: { success: false, result_code: "ESB000041" } }, { kind: "unknown" }],
    [200, {}, { kind: "unknown" }],
    [408, {}, { kind: "unavailable" }],
  ])("%i %j is read", (code, body, expected) => {
    expect(airtelmoney.start!.read(answerOf(code, body), order)).toMatchObject(expected);
  });
});
