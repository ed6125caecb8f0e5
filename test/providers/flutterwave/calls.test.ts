import { describe, expect, test } from "vitest";
import type { ProviderCall } from "../../../src/providers/call.ts";
import { flutterwave } from "../../../src/providers/flutterwave/flutterwave.ts";
import { readStatus } from "../../../src/providers/flutterwave/status.ts";
import { accountOf, answerOf, questionOf } from "../poll-over-http.ts";

const v3 = { secret_key: "FLWSECK_TEST-invented" };
const refs = { tx_ref: "INV/77", flw_id: "5988210" };
const question = questionOf({ kind: "checkout", refs, credentials: v3 });
const charge = { id: 5988210, tx_ref: "INV/77", amount: 5000, currency: "UGX", status: "successful" };
const answer = (data: object) => answerOf(200, { status: "success", data });

async function asked(over: object): Promise<ProviderCall | undefined> {
  const calls: ProviderCall[] = [];
  await flutterwave.status!.poll({ ...question, ...over }, async call => {
    calls.push(call);
    return answerOf(200, {});
  });
  return calls[0];
}

describe("asking", () => {
  test("version 3 is asked by reference, else by id; a transfer by id", async () => {
    expect(await asked({})).toMatchObject({
      host: "v3",
      path: "/v3/transactions/verify_by_reference?tx_ref=INV%2F77",
      headers: { authorization: "Bearer FLWSECK_TEST-invented" },
    });
    expect((await asked({ refs: { flw_id: "5988210" } }))!.path).toBe("/v3/transactions/5988210/verify");
    expect((await asked({ kind: "bank_payout" }))!.path).toBe("/v3/transfers/5988210");
  });

  test("version 4 is asked by id, else by reference, with a token of another host", async () => {
    const credentials = { client_id: "client", client_secret: "client-secret" };
    expect(await asked({ credentials })).toMatchObject({ host: "v4", path: "/charges/5988210", auth: "bearer" });
    expect((await asked({ credentials, refs: { tx_ref: "INV/77" } }))!.path).toBe("/charges?reference=INV%2F77");
    expect(flutterwave.token!.request(accountOf({ credentials }))).toMatchObject({
      host: "tokens",
      body: "client_id=client&client_secret=client-secret&grant_type=client_credentials",
    });
  });
});

describe("an answer", () => {
  test.each([
    ["successful", "completed"],
    ["SUCCEEDED", "completed"],
    ["failed", "failed"],
    ["voided", "failed"],
  ])("%s says %s", (status, says) => {
    expect(readStatus(answer({ ...charge, status }), question)).toMatchObject({
      findings: [{ says, amount: { minor: 5000n, currency: "UGX" }, refs }],
    });
  });

  test.each([
    ["pending", 200, { data: { ...charge, status: "pending" } }, { kind: "not-yet" }],
    ["an unknown word", 200, { data: { ...charge, status: "held" } }, { kind: "not-yet" }],
    ["another reference", 200, { data: { ...charge, tx_ref: "INV-78" } }, { kind: "not-yet" }],
    ["an amount that is none", 200, { data: { ...charge, amount: 0.5 } }, { kind: "not-yet" }],
    ["an unknown reference", 404, { status: "error" }, { kind: "not-found" }],
    ["a wrong key", 401, { status: "error" }, { kind: "credentials-refused", token: false }],
    ["a broken server", 502, "<html>", { kind: "unavailable" }],
  ])("%s", (_name, status, body, expected) => {
    expect(readStatus(answerOf(status, body), question)).toMatchObject(expected);
  });
});

test("regression: version 4 can be asked about a charge whose id is not known", () => {
  const byReference = { ...question, credentials: {}, refs: { tx_ref: "INV/77" } };
  const { tx_ref: reference, ...rest } = { ...charge, id: "chg_1", status: "succeeded" };
  const list = (data: object[]) => readStatus(answer(data), byReference);
  expect(list([{ ...rest, reference }])).toMatchObject({
    findings: [{ says: "completed", refs: { flw_id: "chg_1" } }],
  });
  expect(list([])).toEqual({ kind: "not-found" });
  expect(list([{ ...rest, reference: "INV/78" }])).toEqual({ kind: "not-found" });
});

test("the secret hash itself proves a webhook, in either header, and no other text does", () => {
  const callback = {
    channel: "webhook",
    method: "POST" as const,
    query: {},
    body: new Uint8Array([1]),
    receivedAt: new Date(0),
    url: "https://pay.example/in/flutterwave/t0ken/webhook",
  };
  const verify = (headers: Record<string, string>, secret_hash = "the-hash") =>
    flutterwave.verify!({ ...callback, headers }, { secret_hash }, {});
  expect(verify({ "verif-hash": "the-hash" })).toBe("signed");
  expect(verify({ "flutterwave-signature": "the-hash" })).toBe("signed");
  expect(verify({ "verif-hash": "another" })).toBe("refused");
  expect(verify({})).toBe("absent");
  expect(verify({ "verif-hash": "" }, "")).toBe("absent");
});
