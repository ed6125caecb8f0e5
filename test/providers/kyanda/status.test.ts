import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { ProviderCall } from "../../../src/providers/call.ts";
import { saysByCode } from "../../../src/providers/kyanda/codes.ts";
import { kyanda } from "../../../src/providers/kyanda/kyanda.ts";
import { readCheck } from "../../../src/providers/kyanda/status.ts";
import { answerOf, questionOf } from "../poll-over-http.ts";

const ref = "KYAAPI1089772";
const question = questionOf({ kind: "mobile_payout", refs: { transaction_ref: ref } });
const details = (over: Record<string, unknown>) => ({
  Amount: "1500",
  Phone: "0712345678",
  Posted_Time: "23-09-2025 11.20am",
  ...over,
});
const checked = (status: unknown, over: Record<string, unknown>, status_code?: string) =>
  answerOf(200, { status, ...(status_code !== undefined && { status_code }), details: details(over) });

describe("the question", () => {
  async function callWith(credentials: Record<string, string>): Promise<ProviderCall> {
    const calls: ProviderCall[] = [];
    await kyanda.status!.poll(questionOf({ ...question, credentials }), async call => {
      calls.push(call);
      return answerOf(200, {});
    });
    return calls[0]!;
  }

  test("is signed over merchant and reference, in lower-case hex, with the API key", async () => {
    const call = await callWith({});
    expect(call).toMatchObject({
      method: "POST",
      path: "/billing/v1/transaction-check",
      headers: { apiKey: "api-key" },
    });
    const signature = createHmac("sha256", "api-key").update(`MERCHANT${ref}`).digest("hex");
    expect(JSON.parse(call.body!)).toEqual({ MerchantID: "MERCHANT", transactionRef: ref, signature });
    expect(signature).toMatch(/^[0-9a-f]{64}$/);
  });

  test("is signed with a secret of its own where there is one; the header keeps the API key", async () => {
    const call = await callWith({ secret: "another" });
    const signature = createHmac("sha256", "another").update(`MERCHANT${ref}`).digest("hex");
    expect(JSON.parse(call.body!)).toMatchObject({ signature });
    expect(call.headers).toMatchObject({ apiKey: "api-key" });
  });
});

describe("a final answer", () => {
  test("tells what an IPN would", () => {
    const answer = checked("200", {
      Status: "Success",
      status_code: "0000",
      details: { biller_Receipt: "RA124646488" },
    });
    expect(readCheck(answer, question)).toEqual({
      kind: "evidence",
      findings: [
        {
          kind: "mobile_payout",
          says: "completed",
          refs: { transaction_ref: ref, receipt: "RA124646488" },
          identity: [`transaction_ref:${ref}`],
          amount: { minor: 150000n, currency: "KES" },
          phone: "+254712345678",
          result: { code: "0000", description: "Success" },
          occurredAt: new Date("2025-09-23T08:20:00.000Z"),
        },
      ],
    });
  });

  test.each([
    ["200", { Status: "Success" }, "completed"],
    [200, { Status: "Success" }, "completed"],
    ["0000", { Status: "Success" }, "completed"],
    ["Success", { Status: "Success", status_code: "0000" }, "completed"],
    ["200", { status: "success", status_code: "0" }, "completed"],
    ["200", { status_code: "0000" }, "completed"],
    ["200", { Status: "Failed" }, "failed"],
    ["200", { Status: "Failed", status_code: "1107" }, "failed"],
    ["1107", { Status: "Failed" }, "failed"],
    ["200", { Status: "Reversed" }, "refunded"],
    ["0000", { Status: "Reversed" }, "refunded"],
    [undefined, { Status: "Success" }, "completed"],
  ] as const)("outer %s beside %j says %s", (outer, inner, says) => {
    expect(readCheck(checked(outer, inner), question)).toMatchObject({ kind: "evidence", findings: [{ says }] });
  });

  const failures = Object.keys(saysByCode).filter(code => saysByCode[code as keyof typeof saysByCode] === "failed");
  test.each(failures)("the code %s of the transaction ends badly", code => {
    expect(readCheck(checked("200", { status_code: code }), question)).toMatchObject({
      findings: [{ says: "failed" }],
    });
  });

  test("in a list of one is the same", () => {
    const answer = answerOf(200, { status: "200", details: [details({ Status: "Success" })] });
    expect(readCheck(answer, question)).toMatchObject({ findings: [{ says: "completed" }] });
  });

  test("with an amount that is none settles nothing", () => {
    const answer = readCheck(checked("200", { Status: "Success", Amount: "15oo" }), question);
    expect(answer).toMatchObject({ kind: "not-yet", reason: expect.stringContaining("details.amount") as string });
  });
});

describe("a contradiction is told, not guessed", () => {
  test.each([
    ["0000", { Status: "Failed" }],
    ["0000", { Status: "Failed", status_code: "1107" }],
    ["1107", { Status: "Success" }],
    ["200", { Status: "Success", status_code: "1107" }],
    ["200", { Status: "Failed", status_code: "0000" }],
    ["7001", { Status: "Success" }],
    ["7001", { Status: "Failed" }],
    ["Failed", { Status: "Success" }],
  ])("outer %s beside %j", (outer, inner) => {
    expect(readCheck(checked(outer, inner), question)).toMatchObject({
      kind: "evidence",
      findings: [{ says: "contradiction" }],
    });
  });
});

describe("what ends nothing", () => {
  test.each([
    ["pending", answerOf(200, { status: "200", details: details({ Status: "Pending" }) })],
    ["pending by code", checked("200", { Status: "Pending", status_code: "1100" })],
    ["created, said as a success", checked("200", { Status: "Success", status_code: "1100" })],
    ["accepted, still processing", checked("1100", { Status: "Success" })],
    ["an unknown word", checked("200", { Status: "Escalated" })],
    ["an unknown code", checked("200", { Status: "Success", status_code: "4711" })],
    ["an unknown code, failed", checked("200", { Status: "Failed", status_code: "4711" })],
    ["an unknown outer code", checked("4711", { Status: "Success" })],
    ["an unexpected error", answerOf(200, { status: "5000", transactiontxt: "Unexpected error" })],
    ["a success of the query alone", answerOf(200, { status: "0000" })],
    ["a success without a status", checked("200", {})],
    ["details that are none", answerOf(200, { status: "200", details: "Success" })],
    ["several transactions", answerOf(200, { status: "200", details: [{ Status: "Success" }, { Status: "Failed" }] })],
    ["a number lost its zeros and means nothing", checked("200", { status_code: "constructor" })],
  ])("%s", (_name, answer) => {
    expect(readCheck(answer, question)).toMatchObject({ kind: "not-yet" });
  });

  test.each([200, 400, 404])("7001 under HTTP %i is not known, never failed", status => {
    const answer = answerOf(status, { status: "Error", status_code: "7001", transactiontxt: "Transaction not found" });
    expect(readCheck(answer, question)).toEqual({ kind: "not-found" });
  });
});

describe("what stands in the way", () => {
  test.each(["1101", "1102", "1103"])("code %s under HTTP 400 refuses the credentials", code => {
    const answer = answerOf(400, { status: "Error", status_code: code, transactiontxt: "no" });
    expect(readCheck(answer, question)).toMatchObject({ kind: "credentials-refused", token: false });
  });

  test.each([
    ["the service's own word", 400, { status_code: "1106" }, "unavailable"],
    ["a blank field in the query", 400, { status: "Error", status_code: "1109", transactiontxt: "blank" }, "refused"],
    ["a 400 without a code", 400, {}, "refused"],
    ["HTML", 200, "<html>", "unavailable"],
    ["nothing", 400, "", "refused"],
    ["plain words", 400, "Bad signature", "refused"],
    ["a broken gateway", 502, "", "unavailable"],
    ["a redirect", 308, "", "unavailable"],
    ["429", 429, "", "throttled"],
    ["401", 401, "", "credentials-refused"],
  ])("%s", (_name, status, body, kind) => {
    expect(readCheck(answerOf(status, body), question)).toMatchObject({ kind });
  });
});
