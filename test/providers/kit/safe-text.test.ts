import { expect, test } from "vitest";
import { safeCode, safeText } from "../../../src/providers/kit/safe-text.ts";

test("a code keeps what codes are made of", () => {
  expect(safeCode("500.001.1001")).toBe("500.001.1001");
  expect(safeCode("policies.ratelimit.SpikeArrestViolation")).toBe("policies.ratelimit.SpikeArrestViolation");
  expect(safeCode("<b>1\u0000032</b>\n")).toBe("b1032b");
  expect(safeCode("")).toBe("none");
  expect(safeCode("x".repeat(5000))).toHaveLength(80);
});

test("a provider's words keep their sense, and lose phones, tokens and line breaks", () => {
  expect(safeText("Invalid ShortCode 174379")).toBe("Invalid ShortCode 174379");
  expect(safeText("No payer 254712345678\nhere")).toBe("No payer … here");
  expect(safeText("Bad token c9SQxWWhmdVRlyh0zh8gZDTkubVF")).toBe("Bad token …");
  expect(safeText("x ".repeat(5000))!.length).toBeLessThanOrEqual(200);
  expect(safeText(undefined)).toBeNull();
  expect(safeText({})).toBeNull();
});
