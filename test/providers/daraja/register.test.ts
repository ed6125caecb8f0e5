import { describe, expect, test } from "vitest";
import type { CallContext, ProviderCall } from "../../../src/providers/call.ts";
import { readC2b, readPull, registerC2b, registerPull } from "../../../src/providers/daraja/register.ts";
import type { RegisterCall } from "../../../src/providers/register.ts";
import { accountOf, answerOf } from "../poll-over-http.ts";

const now = new Date("2025-10-18T20:30:26.000Z");
const success = { OriginatorCoversationID: "1-1-1", ResponseCode: "0", ResponseDescription: "Success" };

async function sent(register: RegisterCall, account: CallContext) {
  const calls: ProviderCall[] = [];
  const answer = await register.run(account, async call => {
    calls.push(call);
    return answerOf(200, success);
  });
  return { answer, calls, body: calls[0] && (JSON.parse(calls[0].body!) as Record<string, unknown>) };
}

describe("C2B URLs", () => {
  test("are registered in version 2, completing where validation cannot be reached", async () => {
    const { answer, calls, body } = await sent(registerC2b, accountOf());
    expect(calls).toMatchObject([{ path: "/mpesa/c2b/v2/registerurl", auth: "bearer" }]);
    expect(body).toEqual({
      ShortCode: 174379,
      ResponseType: "Completed",
      ConfirmationURL: "https://hakika.example/in/daraja/t0ken/c2b/confirmation",
      ValidationURL: "https://hakika.example/in/daraja/t0ken/c2b/validation",
    });
    expect(answer).toEqual({ kind: "registered", channels: ["c2b/confirmation", "c2b/validation"] });
  });

  test("are registered in version 1 by an app that has no version 2, and a token that both refuse is refused", async () => {
    const refused = {
      requestId: "1-1-1",
      errorCode: "401.003.01",
      errorMessage: "Error Occurred - Invalid Access Token",
    };
    const paths: string[] = [];
    const run = (has: string) =>
      registerC2b.run(accountOf(), async ({ path }) => {
        paths.push(path);
        return path.includes(has) ? answerOf(200, success) : answerOf(401, refused);
      });
    expect((await run("/v1/")).kind).toBe("registered");
    expect(paths).toEqual(["/mpesa/c2b/v2/registerurl", "/mpesa/c2b/v1/registerurl"]);
    expect(await run("/none/")).toMatchObject({ kind: "credentials-refused", token: true });
  });

  test("cancel where validation cannot be reached, if the connection falls back to rejecting", async () => {
    const settings = { c2b_validation: { mode: "match", fallback: "reject" } };
    expect((await sent(registerC2b, accountOf({ settings }))).body).toMatchObject({ ResponseType: "Cancelled" });
  });

  test.each([
    ["mpesa", "https://hakika.example/mpesa/in"],
    ["query", "https://hakika.example/in/aQUERYb"],
    ["exe", "https://hakika.example/in/exec"],
  ])("with %s in their path are refused before Daraja is asked", async (word, url) => {
    const { answer, calls } = await sent(
      registerC2b,
      accountOf({ callbackUrls: { "c2b/confirmation": url, "c2b/validation": "https://hakika.example/v" } }),
    );
    expect(calls).toEqual([]);
    expect(answer).toMatchObject({ kind: "refused", reason: expect.stringContaining(`"${word}"`) as string });
    expect(JSON.stringify(answer)).not.toContain(url);
  });

  test("need https in production, and both of them everywhere", async () => {
    const plain = { "c2b/confirmation": "http://127.0.0.1:8080/c", "c2b/validation": "http://127.0.0.1:8080/v" };
    expect((await sent(registerC2b, accountOf({ callbackUrls: plain }))).answer.kind).toBe("registered");
    const production = await sent(registerC2b, accountOf({ callbackUrls: plain, environment: "production" }));
    expect(production).toMatchObject({ calls: [], answer: { kind: "refused" } });
    const one = await sent(
      registerC2b,
      accountOf({ callbackUrls: { "c2b/confirmation": "https://hakika.example/c" } }),
    );
    expect(one).toMatchObject({ calls: [], answer: { kind: "refused" } });
  });

  test.each([
    ["the code 0", success],
    ["Success without a code", { ResponseDescription: "Success" }],
    ["six zeros", { ...success, ResponseCode: "000000" }],
    ["eight zeros", { ...success, ResponseCode: "00000000" }],
  ])("are registered by %s", (_name, body) => {
    expect(readC2b(answerOf(200, body), now).kind).toBe("registered");
  });

  test.each([
    ["500.003.1001", "Urls are already registered."],
    ["500.003.1001", "Duplicate notification info, SP ID is 107031, correlator is 1"],
  ])("already registered (%s, %s) is told with what to do", (errorCode, errorMessage) => {
    const answer = readC2b(answerOf(500, { requestId: "1", errorCode, errorMessage }), now);
    expect(answer).toMatchObject({ kind: "already-registered", reason: expect.stringContaining("portal") as string });
  });

  test.each([
    ["a bad request", 400, { errorCode: "400.003.02", errorMessage: "Bad Request - Invalid ConfirmationURL" }],
    ["another response code", 200, { ResponseCode: "1", ResponseDescription: "Invalid ShortCode" }],
  ])("%s is told in Daraja's words", (_name, status, body) => {
    const answer = readC2b(answerOf(status, body), now);
    expect(answer).toMatchObject({
      kind: "refused",
      reason: expect.stringMatching(/Invalid (ConfirmationURL|ShortCode)/) as string,
    });
  });

  test("regression: a refusal in plain words is told in them, not as a server that is away", () => {
    const answer = readC2b(answerOf(422, "ShortCode: invalid type: string, expected u32"), now);
    expect(answer).toEqual({
      kind: "refused",
      code: null,
      reason: "HTTP 422: ShortCode: invalid type: string, expected u32",
    });
  });

  test("regression: a code that looks like a token's has its words beside it", () => {
    const answer = readC2b(answerOf(400, { errorCode: "400.003.01", errorMessage: "Invalid Access Token" }), now);
    expect(answer).toMatchObject({ kind: "credentials-refused", reason: "code 400.003.01: Invalid Access Token" });
  });

  test("a broken server is not taken for a refusal", () => {
    const broken = { requestId: "1", errorCode: "500.003.1001", errorMessage: "Internal Server Error" };
    expect(readC2b(answerOf(500, broken), now)).toMatchObject({ kind: "unavailable" });
    expect(readC2b(answerOf(200, "<html>"), now)).toMatchObject({ kind: "unavailable" });
    expect(readC2b(answerOf(429, ""), now)).toMatchObject({ kind: "throttled" });
    expect(readC2b(answerOf(404, { errorCode: "404.001.03" }), now)).toMatchObject({
      kind: "credentials-refused",
      token: true,
    });
  });
});

describe("pull transactions", () => {
  test("are registered for a shortcode and its nominated number", async () => {
    const { calls, body } = await sent(registerPull, accountOf());
    expect(calls).toMatchObject([{ path: "/pulltransactions/v1/register", auth: "bearer" }]);
    expect(body).toEqual({
      ShortCode: "174379",
      RequestType: "Pull",
      NominatedNumber: "0722000111",
      CallBackURL: "https://hakika.example/in/daraja/t0ken/result",
    });
  });

  test.each([
    ["1000", "registered"],
    ["1001", "already-registered"],
    ["1002", "refused"],
  ])("answer %s: %s", (code, kind) => {
    const body = {
      ResponseRefID: "1-1-1",
      "Response Status": code,
      ShortCode: "174379",
      "Response Description": "As it says",
    };
    expect(readPull(answerOf(200, body), now).kind).toBe(kind);
  });
});
