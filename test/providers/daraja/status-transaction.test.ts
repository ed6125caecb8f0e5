import { describe, expect, test } from "vitest";
import type { ProviderCall } from "../../../src/providers/call.ts";
import { daraja } from "../../../src/providers/daraja/daraja.ts";
import { readAccepted, readTransactionResult } from "../../../src/providers/daraja/status-transaction.ts";
import { answerOf, questionOf } from "../poll-over-http.ts";
import { readWith } from "../read-channel.ts";

const now = new Date("2025-10-18T20:30:26.000Z");
const taken = {
  OriginatorConversationID: "1236-7134259-1",
  ConversationID: "AG_20251018_12344",
  ResponseCode: "0",
  ResponseDescription: "Accept the service request successfully.",
};

async function callFor(refs: Record<string, string>, credentials = {}): Promise<ProviderCall> {
  const calls: ProviderCall[] = [];
  await daraja.status!.poll(questionOf({ kind: "b2c", refs, credentials }), async call => {
    calls.push(call);
    return answerOf(200, taken);
  });
  expect(calls).toHaveLength(1);
  return calls[0]!;
}

describe("the question", () => {
  test("names the receipt where there is one, and comes back to the channels result and timeout", async () => {
    const call = await callFor({ receipt: "tjikq7v33n", originator_conversation_id: "16740-34861180-1" });
    expect(call).toMatchObject({ method: "POST", path: "/mpesa/transactionstatus/v1/query", auth: "bearer" });
    expect(JSON.parse(call.body!)).toEqual({
      Initiator: "apiop",
      SecurityCredential: "sealed-credential",
      CommandID: "TransactionStatusQuery",
      TransactionID: "TJIKQ7V33N",
      PartyA: "174379",
      IdentifierType: "4",
      ResultURL: "https://hakika.example/in/daraja/t0ken/result",
      QueueTimeOutURL: "https://hakika.example/in/daraja/t0ken/timeout",
      Remarks: "status",
      Occasion: "status",
    });
  });

  test("names the originator's conversation where there is no receipt", async () => {
    const body = JSON.parse((await callFor({ originator_conversation_id: "16740-34861180-1" })).body!) as object;
    expect(body).toMatchObject({ OriginalConversationID: "16740-34861180-1" });
    expect(body).not.toHaveProperty("TransactionID");
  });

  test("is not asked with a certificate that encrypts nothing", async () => {
    const credentials = { security_credential: "", initiator_password: "pa55", certificate: "no certificate" };
    const question = questionOf({ kind: "b2c", refs: { receipt: "TJIKQ7V33N" }, credentials });
    const answer = await daraja.status!.poll(question, () => Promise.reject(new Error("nothing is sent")));
    expect(answer).toMatchObject({ kind: "credentials-refused", token: false });
    expect(JSON.stringify(answer)).not.toContain("pa55");
  });
});

describe("the answer to it", () => {
  test("is a conversation to wait for", () => {
    expect(readAccepted(answerOf(200, taken), now)).toEqual({
      kind: "deferred",
      conversation: ["conversation_id:AG_20251018_12344", "originator_conversation_id:1236-7134259-1"],
    });
  });

  test("counts as asked with one id, and with the documentation's misspelling", () => {
    const { OriginatorConversationID: id, ConversationID: _, ...rest } = taken;
    const body = { ...rest, OriginatorCoversationID: id };
    expect(readAccepted(answerOf(200, body), now)).toEqual({
      kind: "deferred",
      conversation: ["originator_conversation_id:1236-7134259-1"],
    });
  });

  test.each([
    ["no conversation", 200, { ResponseCode: "0" }],
    ["no response code", 200, {}],
    ["an internal error", 500, { errorCode: "500.001.1001", errorMessage: "" }],
  ])("%s means not yet", (_name, status, body) => {
    expect(readAccepted(answerOf(status, body), now)).toMatchObject({ kind: "not-yet" });
  });

  test.each([
    ["another response code", 200, { ...taken, ResponseCode: "1", ResponseDescription: "No" }, "code 1: No"],
    [
      "a bad request",
      400,
      { errorCode: "400.002.02", errorMessage: "Invalid Initiator" },
      "code 400.002.02: Invalid Initiator",
    ],
    ["plain words", 422, "Initiator: missing", "HTTP 422: Initiator: missing"],
  ])("%s is a refusal, told with its own code and words", (_name, status, body, reason) => {
    expect(readAccepted(answerOf(status, body), now)).toMatchObject({ kind: "refused", reason });
  });

  test("a run of zeros is a conversation to wait for, too", () => {
    expect(readAccepted(answerOf(200, { ...taken, ResponseCode: "00000000" }), now).kind).toBe("deferred");
  });

  test.each([
    ["2001", 200, { ...taken, ResponseCode: "2001" }],
    ["8006", 200, { ...taken, ResponseCode: 8006 }],
    ["8006", 400, { errorCode: "8006", errorMessage: "The security credential is locked." }],
  ])("%s stops the asking: the initiator is locked or about to be", (_code, status, body) => {
    expect(readAccepted(answerOf(status, body), now)).toMatchObject({ kind: "stop" });
  });

  test("throttles, refuses tokens and breaks like every Daraja call", () => {
    expect(readAccepted(answerOf(429, ""), now)).toEqual({ kind: "throttled", retryAfterS: null });
    expect(readAccepted(answerOf(401, ""), now)).toMatchObject({ kind: "credentials-refused", token: true });
    expect(readAccepted(answerOf(503, "<html>"), now)).toMatchObject({ kind: "unavailable" });
  });
});

describe("what is heard later under its conversation", () => {
  const heard = (result: Record<string, unknown>) => {
    const body = { Result: { ResultType: 0, ResultDesc: "x", ...taken, ...result } };
    const reading = readWith(daraja.channels.result!, body);
    if (reading.kind !== "evidence") throw new Error(reading.kind);
    return readTransactionResult(reading.findings[0]);
  };
  const about = (status: string) => ({
    ResultCode: 0,
    ResultParameters: {
      ResultParameter: [
        { Key: "TransactionStatus", Value: status },
        { Key: "ReceiptNo", Value: "TJIKQ7V33N" },
      ],
    },
  });

  test.each([
    ["Completed", "completed"],
    ["Cancelled", "failed"],
    ["Declined", "failed"],
    ["Expired", "expired"],
    ["Initiated", "processing"],
    ["Authorized", "processing"],
  ])("%s says %s", (status, says) => {
    expect(heard(about(status))).toMatchObject({ kind: "evidence", findings: [{ says, answersQuestion: true }] });
  });

  test("a word that is not listed says nothing yet", () => {
    expect(heard(about("Reversed"))).toMatchObject({ kind: "not-yet" });
    expect(heard({ ...about("Completed"), ResultType: 1 })).toMatchObject({ kind: "not-yet" });
  });

  test.each(["2001", "8006"])("a query that failed with %s stops the asking", code => {
    expect(heard({ ResultCode: Number(code) })).toMatchObject({ kind: "stop" });
  });

  test.each([1, 17, "2033", "SFC_IC0003", 0])("a query that failed with %s is no failure of the money", code => {
    expect(heard({ ResultCode: code })).toMatchObject({ kind: "not-yet" });
  });
});
