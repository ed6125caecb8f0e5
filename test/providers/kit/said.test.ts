import { expect, test } from "vitest";
import { refusedCall, saidIn } from "../../../src/providers/kit/said.ts";
import { answerOf } from "../poll-over-http.ts";

test.each([
  [{ errorCode: "400.002.05", errorMessage: "Invalid Request Payload" }, "400.002.05", "Invalid Request Payload"],
  [{ error: "invalid_client", error_description: "Unknown client" }, null, "Unknown client"],
  [{ error: { code: 17, message: "No such order" } }, "17", "No such order"],
  [{ status_code: "1104", transactiontxt: "Not enough" }, "1104", "Not enough"],
  [{ message: "Unauthenticated." }, null, "Unauthenticated."],
  ["ShortCode: invalid type", null, "ShortCode: invalid type"],
  ["<html><body>Forbidden</body></html>", null, null],
  ["", null, null],
  [[], null, null],
])("%j says its code and words", (body, code, words) => {
  expect(saidIn(answerOf(400, body))).toEqual({ code, words });
});

test("a refusal shows at most 200 characters of words, and nothing that could be a phone number or a secret", () => {
  const refusal = refusedCall(answerOf(422, `No 254794335725 with ${"s".repeat(40)}. ${"long words ".repeat(60)}`));
  expect(refusal).toMatchObject({ kind: "refused", code: null });
  const reason = "reason" in refusal ? refusal.reason : "";
  expect(reason).toMatch(/^HTTP 422: No … with …/);
  expect(reason.length).toBeLessThanOrEqual(211);
});
