import { expect, test } from "vitest";
import { isDoubtful } from "../../../src/providers/kit/provisional-failure.ts";
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
  expect(isDoubtful("failed", asked(30, null))).toBe(true);
  expect(isDoubtful("expired", asked(172_800, null))).toBe(true);
});

test("a failure heard again within the prompt's life is doubted still", () => {
  expect(isDoubtful("failed", asked(60, 30))).toBe(true);
  expect(isDoubtful("failed", asked(89, 30))).toBe(true);
});

test("a failure heard again past the prompt's life is believed", () => {
  expect(isDoubtful("failed", asked(90, 30))).toBe(false);
  expect(isDoubtful("expired", asked(600, 570))).toBe(false);
});

test("the moment a failure was first heard is not hearing it again", () => {
  expect(isDoubtful("failed", asked(600, 0))).toBe(true);
});

test("nothing but a failure is doubted", () => {
  expect(isDoubtful("completed", asked(5, null))).toBe(false);
  expect(isDoubtful("refunded", asked(5, null))).toBe(false);
});
