import { describe, expect, test } from "vitest";
import type { ProviderCall } from "../../../src/providers/call.ts";
import { mtnmomo } from "../../../src/providers/mtnmomo/mtnmomo.ts";
import { readStatus } from "../../../src/providers/mtnmomo/status.ts";
import { answerOf, questionOf } from "../poll-over-http.ts";
import { orderOf } from "../start-order.ts";

const referenceId = "5f2c1e0a-9d1b-4c55-8a50-0d6a3c3f5a11";
const credentials = {
  collection_subscription_key: "subscription",
  collection_api_user: "user",
  collection_api_key: "key",
};
const question = questionOf({ kind: "checkout", refs: { reference_id: referenceId }, credentials });
const uganda = { environment: "production", settings: { country: "UG" } } as const;
const paid = {
  financialTransactionId: "363440463",
  externalId: "INV-77",
  amount: "5000",
  currency: "UGX",
  payer: { partyIdType: "MSISDN", partyId: "256772123456" },
  status: "SUCCESSFUL",
};
const read = (body: object, over = {}) => readStatus(answerOf(200, body), { ...question, ...over });

async function asked(over: object): Promise<ProviderCall[]> {
  const calls: ProviderCall[] = [];
  await mtnmomo.status!.poll({ ...question, ...over }, async call => {
    calls.push(call);
    return answerOf(200, {});
  });
  return calls;
}

describe("asking", () => {
  test("names product, token, subscription and market", async () => {
    expect(await asked(uganda)).toEqual([
      {
        method: "GET",
        path: `/collection/v1_0/requesttopay/${referenceId}`,
        auth: { token: "collection" },
        headers: {
          accept: "application/json",
          "x-target-environment": "mtnuganda",
          "ocp-apim-subscription-key": "subscription",
        },
      },
    ]);
    expect(await asked({ kind: "mobile_payout" })).toMatchObject([
      {
        path: `/disbursement/v1_0/transfer/${referenceId}`,
        auth: { token: "disbursement" },
        headers: { "x-target-environment": "sandbox" },
      },
    ]);
  });

  test("without a market nothing is sent in production", async () => {
    const refused = await mtnmomo.status!.poll({ ...question, environment: "production" }, async () =>
      answerOf(200, {}),
    );
    expect(refused).toMatchObject({ kind: "refused", reason: expect.stringContaining("target_environment") });
  });

  test("fetches a token with the API user of the product", () => {
    expect(mtnmomo.tokens!.collection!.request(question)).toEqual({
      method: "POST",
      path: "/collection/token/",
      headers: { authorization: "Basic dXNlcjprZXk=", "ocp-apim-subscription-key": "subscription" },
    });
  });
});

describe("an answer", () => {
  test("a success names the amount, in a currency without a minor unit, and the wallet", () => {
    expect(read(paid)).toMatchObject({
      findings: [
        {
          says: "completed",
          amount: { minor: 5000n, currency: "UGX" },
          phone: "+256772123456",
          result: { code: "SUCCESSFUL" },
          details: { financial_transaction_id: "363440463" },
        },
      ],
    });
  });

  test.each([
    ["APPROVAL_REJECTED", "failed", "APPROVAL_REJECTED"],
    [{ code: "PAYER_NOT_FOUND", message: "Payee does not exist" }, "failed", "PAYER_NOT_FOUND"],
    [{ code: "expired" }, "expired", "EXPIRED"],
    ["SOME_NEW_REASON", "failed", "SOME_NEW_REASON"],
    [undefined, "failed", "FAILED"],
  ])("a failure for %j says %s", (reason, says, code) => {
    const [finding] = (read({ ...paid, status: "FAILED", reason }) as { findings: object[] }).findings;
    expect(finding).toMatchObject({ says, result: { code } });
    expect(finding).not.toHaveProperty("provisional");
  });

  test("an internal error is believed the second time", () => {
    const failed = { ...paid, status: "FAILED", reason: "INTERNAL_PROCESSING_ERROR" };
    expect(read(failed)).toMatchObject({ findings: [{ says: "failed", provisional: true }] });
    const again = read(failed, { provisionalSince: new Date(question.now.getTime() - 60_000) });
    expect((again as { findings: object[] }).findings[0]).not.toHaveProperty("provisional");
  });

  test.each([
    ["PENDING", 200, { ...paid, status: "PENDING" }, { kind: "not-yet" }],
    ["an unknown word", 200, { ...paid, status: "CREATED" }, { kind: "not-yet" }],
    ["an amount that is none", 200, { ...paid, amount: "5000.5" }, { kind: "not-yet" }],
    ["an unknown reference id", 404, { code: "RESOURCE_NOT_FOUND" }, { kind: "not-found" }],
    ["a refused token", 401, {}, { kind: "credentials-refused", token: true }],
    ["a refused address", 403, { code: "FORBIDDEN_IP" }, { kind: "credentials-refused", token: false }],
    ["a wrong request", 400, { code: "INVALID_CURRENCY" }, { kind: "refused", code: "INVALID_CURRENCY" }],
    ["a broken server", 500, { code: "INTERNAL_PROCESSING_ERROR" }, { kind: "unavailable" }],
  ])("%s", (_name, status, body, expected) => {
    expect(readStatus(answerOf(status, body), question)).toMatchObject(expected);
  });
});

test("amounts without a currency are euros in the sandbox, and the country's in production", () => {
  const currencyOf = mtnmomo.currency as (connection: object) => string | null;
  expect(currencyOf({ ...question, settings: { country: "RW" } })).toBe("EUR");
  expect(currencyOf({ environment: "production", settings: { country: "RW" } })).toBe("RWF");
  expect(currencyOf({ environment: "production", settings: {} })).toBeNull();
});

describe("starting", () => {
  const callbackUrls = { collection: "https://pay.example/in/mtnmomo/t0ken/collection" };
  const order = orderOf({ credentials, callbackUrls, ...uganda, description: "Rent: May/June" });

  test("a request to pay has our id as its reference id, and in its callback URL", () => {
    const request = mtnmomo.start!.request(order);
    if (request.kind !== "call") throw new Error("no call");
    expect(request).toMatchObject({
      refs: { reference_id: order.id },
      call: {
        path: "/collection/v1_0/requesttopay",
        auth: { token: "collection" },
        headers: {
          "x-reference-id": order.id,
          "x-target-environment": "mtnuganda",
          "x-callback-url": `${callbackUrls.collection}?reference_id=${order.id}`,
        },
      },
    });
    expect(JSON.parse(request.call.body!)).toEqual({
      amount: "5000",
      currency: "UGX",
      externalId: "INV-77",
      payer: { partyIdType: "MSISDN", partyId: "256772123456" },
      payerMessage: "Rent May June",
      payeeNote: "INV-77",
    });
  });

  test.each([
    [{ amount: null }, "amount"],
    [{ phone: null }, "phone"],
    [{ settings: {} }, "connection_id"],
  ])("without %j nothing is sent", (over, path) => {
    expect(mtnmomo.start!.request({ ...order, ...over })).toMatchObject({ kind: "problems", problems: [{ path }] });
  });

  test.each([
    [202, "", { kind: "accepted", refs: { reference_id: order.id } }],
    [409, { code: "RESOURCE_ALREADY_EXIST" }, { kind: "unknown" }],
    [400, { code: "INVALID_CURRENCY" }, { kind: "refused", code: "INVALID_CURRENCY" }],
    [500, {}, { kind: "unavailable" }],
    [200, "", { kind: "unknown" }],
  ])("%i is read", (status, body, expected) => {
    expect(mtnmomo.start!.read(answerOf(status, body), order)).toMatchObject(expected);
  });
});
