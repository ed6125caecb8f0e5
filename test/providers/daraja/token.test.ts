import { describe, expect, test } from "vitest";
import { token } from "../../../src/providers/daraja/token.ts";
import { accountOf, answerOf } from "../poll-over-http.ts";

const now = new Date("2025-10-18T20:30:26.000Z");

test("a token is asked for with the key and secret as HTTP Basic", () => {
  const call = token.request(accountOf());
  expect(call).toMatchObject({ method: "GET", path: "/oauth/v1/generate?grant_type=client_credentials" });
  expect(call.headers?.authorization).toBe(`Basic ${Buffer.from("key:secret").toString("base64")}`);
  expect(call.auth).toBeUndefined();
});

describe("the answer", () => {
  test.each([
    ["a number", 3599, 3599],
    ["a text", "3599", 3599],
    ["a fraction", 3599.9, 3599],
    ["missing", undefined, 3599],
    ["no number", "soon", 3599],
    ["negative", -1, 3599],
    ["nothing", 0, 1],
    ["beyond a day", 10_000_000, 86_400],
  ])("expires_in as %s", (_name, expires_in, expiresInS) => {
    const answer = answerOf(200, { access_token: "c9SQxWWhmdVRlyh0zh8gZDTkubVF", expires_in });
    expect(token.read(answer, now)).toEqual({ kind: "token", token: "c9SQxWWhmdVRlyh0zh8gZDTkubVF", expiresInS });
  });

  test.each([
    ["a wrong key", 400, { requestId: "1", errorCode: "400.008.01", errorMessage: "Invalid Authentication passed" }],
    ["a wrong key, told by nothing", 400, ""],
    ["HTTP 401", 401, ""],
    ["a token code", 404, { errorCode: "404.001.03", errorMessage: "Invalid Access Token" }],
  ])("%s refuses the credentials, not a token", (_name, status, body) => {
    expect(token.read(answerOf(status, body), now)).toMatchObject({ kind: "credentials-refused", token: false });
  });

  test("throttles as everywhere", () => {
    const busy = {
      fault: {
        faultstring: "Spike arrest violation",
        detail: { errorcode: "policies.ratelimit.SpikeArrestViolation" },
      },
    };
    expect(token.read(answerOf(500, busy, { "retry-after": "3" }), now)).toEqual({ kind: "throttled", retryAfterS: 3 });
    expect(token.read(answerOf(429, ""), now)).toEqual({ kind: "throttled", retryAfterS: null });
  });

  test.each([
    ["HTML", 200, "<html></html>"],
    ["an empty token", 200, { access_token: "", expires_in: 3599 }],
    ["a token that would begin another header", 200, { access_token: "a\r\nx: y" }],
    ["a broken gateway", 502, ""],
  ])("%s is no token, and nothing is wrong with the credentials", (_name, status, body) => {
    expect(token.read(answerOf(status, body), now)).toMatchObject({ kind: "unavailable" });
  });

  test("the firewall refuses the call, and nothing is wrong with the credentials", () => {
    expect(token.read(answerOf(403, "<html></html>"), now)).toEqual({
      kind: "refused",
      code: null,
      reason: "HTTP 403",
    });
  });

  test("regression: refused credentials are told with Daraja's own code and words", () => {
    const body = { requestId: "1", errorCode: "400.008.02", errorMessage: "Invalid grant type passed" };
    expect(token.read(answerOf(400, body), now)).toMatchObject({
      kind: "credentials-refused",
      reason: "code 400.008.02: Invalid grant type passed",
    });
  });
});
