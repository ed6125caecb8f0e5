import { expect, test } from "vitest";
import { codeWord, ownWords } from "../../../src/providers/kit/safe-text.ts";

test("a code keeps what codes are made of", () => {
  expect(codeWord("500.001.1001")).toBe("500.001.1001");
  expect(codeWord("policies.ratelimit.SpikeArrestViolation")).toBe("policies.ratelimit.SpikeArrestViolation");
  expect(codeWord("<b>1\u0000032</b>\n")).toBe("b1032b");
  expect(codeWord("")).toBe("none");
  expect(codeWord("x".repeat(5000))).toHaveLength(80);
});

test("a provider's words keep their sense, and lose phones, tokens and line breaks", () => {
  expect(ownWords("Invalid ShortCode 174379")).toBe("Invalid ShortCode 174379");
  expect(ownWords("No payer 254712345678\nhere")).toBe("No payer … here");
  expect(ownWords("Bad token c9SQxWWhmdVRlyh0zh8gZDTkubVF")).toBe("Bad token …");
  expect(ownWords("x ".repeat(5000))!.length).toBeLessThanOrEqual(200);
  expect(ownWords(undefined)).toBeNull();
  expect(ownWords({})).toBeNull();
});
