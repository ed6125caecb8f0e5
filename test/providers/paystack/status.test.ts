import { describe, expect, test } from "vitest";
import type { ProviderCall } from "../../../src/providers/call.ts";
import { paystack } from "../../../src/providers/paystack/paystack.ts";
import { readPage } from "../../../src/providers/paystack/pull.ts";
import { readVerification } from "../../../src/providers/paystack/status.ts";
import { saysByStatus } from "../../../src/providers/paystack/statuses.ts";
import { accountOf, answerOf, questionOf } from "../poll-over-http.ts";

const refs = { transaction_reference: "INV/77" };
const question = questionOf({ kind: "checkout", refs, credentials: { secret_key: "sk_test_invented" } });
const charge = (status: string) => ({ reference: "INV/77", status, amount: 8500000, currency: "NGN" });
const answer = (status: string) => answerOf(200, { status: true, data: charge(status) });

test("charges and transfers are verified by their reference, with the secret key", async () => {
  const calls: ProviderCall[] = [];
  for (const kind of ["checkout", "bank_payout"] as const) {
    await paystack.status!.poll({ ...question, kind }, async call => {
      calls.push(call);
      return answerOf(200, {});
    });
  }
  expect(calls.map(({ path }) => path)).toEqual(["/transaction/verify/INV%2F77", "/transfer/verify/INV%2F77"]);
  expect(calls[0]!.headers).toMatchObject({ authorization: "Bearer sk_test_invented" });
});

describe("a verification", () => {
  test.each(Object.entries(saysByStatus))("%s says %s", (status, says) => {
    expect(readVerification(answer(status), question)).toMatchObject({
      kind: "evidence",
      findings: [{ says, amount: { minor: 8500000n, currency: "NGN" }, identity: ["transaction_reference:INV/77"] }],
    });
  });

  test.each(["abandoned", "pending", "ongoing", "processing", "queued", "otp", "anything"])("%s ends nothing", word => {
    expect(readVerification(answer(word), question)).toMatchObject({ kind: "not-yet" });
  });

  test.each([
    ["an unknown reference", 404, { status: false, message: "not found" }, { kind: "not-found" }],
    ["an unknown reference, in its other form", 400, { status: false, message: "not found" }, { kind: "not-found" }],
    ["a wrong key", 401, { message: "Invalid key" }, { kind: "credentials-refused", token: false }],
    ["a busy server", 429, {}, { kind: "throttled" }],
    ["a broken server", 502, "<html>", { kind: "unavailable" }],
    ["a success of the call alone", 200, { status: true, message: "ok" }, { kind: "not-yet" }],
    ["another reference", 200, { data: { ...charge("success"), reference: "INV-78" } }, { kind: "not-yet" }],
    ["an amount that is none", 200, { data: { ...charge("success"), amount: "1.5" } }, { kind: "not-yet" }],
  ])("%s", (_name, status, body, expected) => {
    expect(readVerification(answerOf(status, body), question)).toMatchObject(expected);
  });
});

test("a statement lists what was paid, page by page until an empty one", async () => {
  const rows = [charge("success"), charge("failed"), { ...charge("success"), reference: null }];
  expect(readPage(answerOf(200, { data: rows }), 4, accountOf())).toMatchObject({
    kind: "page",
    findings: [{ says: "completed", reference: "INV/77" }],
    problems: [{ path: "data.2.reference" }],
    rows: 3,
    nextOffset: 5,
  });
  expect(readPage(answerOf(200, { data: [] }), 5, accountOf())).toMatchObject({ rows: 0, nextOffset: null });
  const window = { from: new Date("2026-10-06T00:00:00Z"), to: new Date("2026-10-07T00:00:00Z") };
  const calls: ProviderCall[] = [];
  await paystack.pull!.page(accountOf(), window, 0, async call => {
    calls.push(call);
    return answerOf(200, { data: [] });
  });
  expect(calls[0]!.path).toBe(
    "/transaction?from=2026-10-06T00%3A00%3A00.000Z&to=2026-10-07T00%3A00%3A00.000Z&perPage=100&page=1",
  );
});
