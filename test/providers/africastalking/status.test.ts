import { describe, expect, test } from "vitest";
import { africastalking } from "../../../src/providers/africastalking/africastalking.ts";
import { readFound } from "../../../src/providers/africastalking/status.ts";
import type { ProviderCall } from "../../../src/providers/call.ts";
import { answerOf, questionOf } from "../poll-over-http.ts";

const requestId = "ATQid_b4d9e6a7+1&x=y";
const question = questionOf({ kind: "airtime", refs: { request_id: requestId } });

test("a send is found by its request id, which is encoded", async () => {
  const calls: ProviderCall[] = [];
  await africastalking.status!.poll(question, async call => {
    calls.push(call);
    return answerOf(200, {});
  });
  expect(calls).toMatchObject([{ method: "GET", headers: { apiKey: "api-key" } }]);
  const url = new URL(calls[0]!.path, "https://provider.example");
  expect(url.pathname).toBe("/query/transaction/find");
  expect(Object.fromEntries(url.searchParams)).toEqual({ username: "sandbox", transactionId: requestId });
});

describe("the answer", () => {
  test.each([
    ["Success", { status: "Success" }, "completed"],
    ["Failed", { status: "Failed" }, "failed"],
    ["Failed, and no error", { status: "Failed", errorMessage: "None" }, "failed"],
    ["Success inside", { status: "Success", data: { status: "Success" } }, "completed"],
    ["Failed inside a success", { status: "Success", data: { status: "Failed" } }, "failed"],
    ["a success inside a failure", { status: "Failed", data: { status: "Success" } }, "completed"],
  ])("%s ends the send", (_name, body, says) => {
    expect(readFound(answerOf(200, body), question)).toMatchObject({
      kind: "evidence",
      findings: [{ kind: "airtime", says, refs: { request_id: requestId }, identity: [`request_id:${requestId}`] }],
    });
  });

  test.each([
    ["Queued", { status: "Queued" }],
    ["Sent", { status: "Sent" }],
    ["Queued inside a success", { status: "Success", data: { status: "Queued" } }],
    ["data without a status", { status: "Success", data: {} }],
    ["data that is a list", { status: "Success", data: [] }],
    ["an unknown word", { status: "Processed" }],
    ["a query that failed", { status: "Failed", errorMessage: "No transaction found" }],
    ["Failure", { status: "Failure", errorMessage: "No transaction found" }],
    ["no status", {}],
  ])("%s does not", (_name, body) => {
    expect(readFound(answerOf(200, body), question)).toMatchObject({ kind: "not-yet" });
  });

  test.each([
    ["not found", 404, {}, { kind: "not-found" }],
    ["not authenticated", 401, "The supplied authentication is invalid", { kind: "credentials-refused", token: false }],
    ["429", 429, "", { kind: "throttled", retryAfterS: null }],
    ["a text", 200, "Success", { kind: "unavailable" }],
    ["a broken server", 503, "", { kind: "unavailable" }],
    ["a bad request", 400, { status: "Success" }, { kind: "refused", code: null, reason: "HTTP 400" }],
    [
      "a refusal in plain words",
      400,
      "Invalid transactionId",
      { kind: "refused", reason: "HTTP 400: Invalid transactionId" },
    ],
  ])("%s", (_name, status, body, expected) => {
    expect(readFound(answerOf(status, body), question)).toMatchObject(expected);
  });
});
