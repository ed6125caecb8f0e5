import { describe, expect, test } from "vitest";
import { ambiguousCode } from "../../../src/providers/daraja/call-failure.ts";
import { finalInQuery, readPushAnswer } from "../../../src/providers/daraja/status-push.ts";
import { answerOf, questionOf } from "../poll-over-http.ts";

const checkoutId = "ws_CO_18102025233026712345678";
const question = questionOf({ kind: "stk_push", refs: { checkout_request_id: checkoutId } });
/** The same question, asked again after a failure that was not believed. */
const again = { ...question, provisionalSince: new Date(question.now.getTime() - 60_000) };

function result(ResultCode: unknown, over: Record<string, unknown> = {}) {
  return {
    ResponseCode: "0",
    ResponseDescription: "The service request has been accepted successsfully",
    MerchantRequestID: "29115-34620561-1",
    CheckoutRequestID: checkoutId,
    ResultCode,
    ResultDesc: "As the code says",
    ...over,
  };
}

const refusal = (errorCode: string, errorMessage: string) => ({ requestId: "1-1-1", errorCode, errorMessage });

describe("what ends a push in a query's answer", () => {
  test("are the failure codes of the callbacks and 0, and no other", () => {
    const documented = [
      "0",
      "1",
      "2",
      "3",
      "4",
      "8",
      "17",
      "26",
      "1001",
      "1019",
      "1025",
      "1031",
      "1032",
      "1036",
      "1037",
    ];
    expect(Object.keys(finalInQuery).sort()).toEqual([...documented, "2001", "2028", "8006", "9999"].sort());
  });

  test("paid is believed at once, without receipt or amount", () => {
    const answer = readPushAnswer(answerOf(200, result("0")), question);
    expect(answer).toEqual({
      kind: "evidence",
      findings: [
        {
          kind: "stk_push",
          says: "completed",
          refs: { checkout_request_id: checkoutId, merchant_request_id: "29115-34620561-1" },
          identity: [`checkout_request_id:${checkoutId}`],
          result: { code: "0", description: "As the code says" },
        },
      ],
    });
  });

  test("paid is paid with the code as a number too", () => {
    expect(readPushAnswer(answerOf(200, result(0)), question)).toMatchObject({ findings: [{ says: "completed" }] });
  });

  test.each(Object.entries(finalInQuery).filter(([code]) => code !== "0"))(
    "code %s is %s, provisionally the first time and for good the second",
    (code, says) => {
      const first = readPushAnswer(answerOf(200, result(code)), question);
      expect(first).toMatchObject({ kind: "evidence", findings: [{ says, provisional: true, result: { code } }] });
      const second = readPushAnswer(answerOf(200, result(code)), again);
      expect(second).toMatchObject({ kind: "evidence", findings: [{ says }] });
      expect(second.kind === "evidence" && second.findings[0].provisional).toBeUndefined();
    },
  );

  test("a failure asked twice within the prompt's life is not believed yet", () => {
    const early = { ...again, createdAt: new Date(question.now.getTime() - 61_000) };
    expect(readPushAnswer(answerOf(200, result("1032")), early)).toMatchObject({ findings: [{ provisional: true }] });
  });
});

describe("what ends nothing", () => {
  test.each([
    ["still processing, as a result code", 200, result("4999")],
    ["an unknown result code", 200, result("77777")],
    ["a code of the query's own", 200, result("SFC_IC0003")],
    ["a code that every object has", 200, result("constructor")],
    ["no result code", 200, result(undefined)],
    ["an answer about another push", 200, result("0", { CheckoutRequestID: "ws_CO_18102025233026799999999" })],
    ["still processing", 500, refusal(ambiguousCode, "The transaction is being processed")],
    ["still processing, without a message", 500, refusal(ambiguousCode, "")],
    [
      "a lock on the subscriber",
      500,
      refusal(ambiguousCode, "Unable to lock subscriber, a transaction is already in process"),
    ],
    ["an unknown message", 500, refusal(ambiguousCode, "Something else")],
    ["an object without anything", 200, {}],
  ])("%s", (_name, status, body) => {
    expect(readPushAnswer(answerOf(status, body), question)).toMatchObject({ kind: "not-yet" });
  });

  test.each([
    [
      "a query that was not taken",
      200,
      result("0", { ResponseCode: "1", ResponseDescription: "Rejected" }),
      "code 1: Rejected",
    ],
    ["a success under an error status", 400, result("0"), "HTTP 400"],
    ["a bad request", 400, refusal("400.002.02", "Invalid Timestamp"), "code 400.002.02: Invalid Timestamp"],
    ["an unknown code", 400, refusal("400.999.99", "Whatever"), "code 400.999.99: Whatever"],
    ["plain words", 422, "BusinessShortCode: invalid type", "HTTP 422: BusinessShortCode: invalid type"],
    ["the firewall's page", 403, "<html>Request unsuccessful</html>", "HTTP 403"],
    ["a SOAP fault", 400, { fault: { faultcode: "env:Client", faultstring: "Bad" } }, "code envClient: Bad"],
  ])("%s is a refusal, told with its own code and words", (_name, status, body, reason) => {
    expect(readPushAnswer(answerOf(status, body), question)).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining(reason) as string,
    });
  });

  test("a run of zeros takes the query, and says that the push was paid", () => {
    const body = result("000000", { ResponseCode: "00000000" });
    expect(readPushAnswer(answerOf(200, body), question)).toMatchObject({
      findings: [{ says: "completed", result: { code: "0" } }],
    });
  });

  test.each([
    ["Bad Request - Invalid CheckoutRequestID", 400],
    ["The transaction does not Exist", 400],
    ["The transaction does not Exist", 404],
    ["The transaction does not Exist", 200],
  ])("%s: asked too early, not failed", (message, status) => {
    expect(readPushAnswer(answerOf(status, refusal("400.002.02", message)), question)).toEqual({ kind: "not-found" });
  });
});

describe("what stands in the way", () => {
  const spikeArrest = {
    fault: {
      faultstring:
        "Spike arrest violation. Allowed rate : MessageRate{messagesPerPeriod=5, periodInMicroseconds=60000000}",
      detail: { errorcode: "policies.ratelimit.SpikeArrestViolation" },
    },
  };

  test.each([
    ["HTTP 429 with nothing", 429, "", {}, null],
    ["HTTP 429 with HTML", 429, "<html></html>", { "retry-after": "7" }, 7],
    ["HTTP 429 with Retry-After as a date", 429, "", { "retry-after": "Sat, 18 Oct 2025 20:30:56 GMT" }, 30],
    ["spike arrest", 429, spikeArrest, {}, null],
    ["spike arrest under HTTP 500", 500, spikeArrest, {}, null],
    ["system busy", 500, refusal("500.003.02", "System is busy. Please try again in few minutes."), {}, null],
    ["quota violation", 500, refusal("500.003.03", "Error Occurred: Quota Violation"), { "retry-after": "60" }, 60],
    ["spike arrest without a code", 500, { fault: { faultstring: "Spike arrest violation" } }, {}, null],
  ])("%s throttles", (_name, status, body, headers, retryAfterS) => {
    const answer = answerOf(status, body, headers);
    expect(readPushAnswer(answer, question)).toEqual({ kind: "throttled", retryAfterS });
  });

  test.each([
    ["HTTP 401 with nothing", 401, ""],
    [
      "an Apigee fault",
      401,
      { fault: { faultstring: "Invalid access token", detail: { errorcode: "oauth.v2.InvalidAccessToken" } } },
    ],
    [
      "an Apigee fault under another status",
      400,
      { fault: { faultstring: "x", detail: { errorcode: "keymanagement.service.invalid_access_token" } } },
    ],
    ["404.001.03", 404, refusal("404.001.03", "Invalid Access Token")],
    ["400.003.01", 400, refusal("400.003.01", "Invalid Access Token")],
    ["401.002.01", 401, refusal("401.002.01", "Error Occurred - Invalid Access Token")],
    ["401.003.01", 200, refusal("401.003.01", "Error Occurred - Invalid Access Token")],
  ])("%s refuses the token: a new one may help", (_name, status, body) => {
    expect(readPushAnswer(answerOf(status, body), question)).toMatchObject({
      kind: "credentials-refused",
      token: true,
    });
  });

  test.each([
    ["an unknown shortcode", 500, refusal(ambiguousCode, "Merchant does not exist")],
    ["a wrong passkey", 500, refusal(ambiguousCode, "[STK_DXL - ]Wrong credentials")],
    [
      "an app without the product",
      401,
      {
        fault: {
          faultstring: "no apiproduct match found",
          detail: { errorcode: "keymanagement.service.InvalidAPICallAsNoApiProductMatchFound" },
        },
      },
    ],
  ])("%s refuses the credentials: no token helps", (_name, status, body) => {
    expect(readPushAnswer(answerOf(status, body), question)).toMatchObject({
      kind: "credentials-refused",
      token: false,
    });
  });

  const soapFault = { faultcode: "env:Server", faultstring: "Internal Error (from server)" };
  test.each([
    ["a SOAP fault as JSON", 500, { "soapenv:Envelope": { "soapenv:Body": { "soapenv:Fault": soapFault } } }],
    ["a SOAP fault without prefixes", 500, { Envelope: { Body: { Fault: soapFault } } }],
    ["a SOAP fault at the root", 500, { fault: soapFault }],
    [
      "an unknown code of a broken server",
      500,
      refusal("500.002.1001", "Service is currently unreachable. Please try again later."),
    ],
    ["HTML", 502, "<html><body>Bad Gateway</body></html>"],
    ["HTML that calls itself a success", 200, "<html></html>"],
    ["nothing at all", 200, ""],
    ["a list", 200, [result("0")]],
    ["a text", 200, '"paid"'],
    ["a redirect", 302, ""],
  ])("%s is no answer", (_name, status, body) => {
    expect(readPushAnswer(answerOf(status, body), question)).toMatchObject({ kind: "unavailable" });
  });
});
