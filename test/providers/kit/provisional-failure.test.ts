import { expect, test } from "vitest";
import { isProvisional } from "../../../src/providers/kit/provisional-failure.ts";
import { questionOf } from "../poll-over-http.ts";

const now = new Date("2025-10-18T20:30:26.000Z");
const asked = (agoS: number, provisionalAgoS: number | null) =>
  questionOf({
    kind: "stk_push",
    refs: {},
    now,
    createdAt: new Date(now.getTime() - agoS * 1000),
    provisionalSince: provisionalAgoS === null ? null : new Date(now.getTime() - provisionalAgoS * 1000),
  });

test("a failure heard once is doubted, however late", () => {
  expect(isProvisional("failed", asked(30, null))).toBe(true);
  expect(isProvisional("expired", asked(172_800, null))).toBe(true);
});

test("a failure heard again within the prompt's life is doubted still", () => {
  expect(isProvisional("failed", asked(60, 30))).toBe(true);
  expect(isProvisional("failed", asked(89, 30))).toBe(true);
});

test("a failure heard again past the prompt's life is believed", () => {
  expect(isProvisional("failed", asked(90, 30))).toBe(false);
  expect(isProvisional("expired", asked(600, 570))).toBe(false);
});

test("the moment a failure was first heard is not hearing it again", () => {
  expect(isProvisional("failed", asked(600, 0))).toBe(true);
});

test("nothing but a failure is doubted", () => {
  expect(isProvisional("completed", asked(5, null))).toBe(false);
  expect(isProvisional("refunded", asked(5, null))).toBe(false);
});
