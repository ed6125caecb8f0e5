import { describe, expect, test } from "vitest";
import { saysByCode, saysOfIpn } from "../../../src/providers/kyanda/codes.ts";

const failures = Object.keys(saysByCode).filter(code => saysByCode[code as keyof typeof saysByCode] === "failed");

describe("what an IPN's code and status say together", () => {
  test("the documented rejections, and no other codes, are failures by themselves", () => {
    const ranges = [
      [1101, 1109],
      [1201, 1201],
      [3101, 3101],
      [4000, 4000],
      [8001, 8006],
      [9001, 9005],
    ] as const;
    const documented = ranges.flatMap(([from, to]) =>
      Array.from({ length: to - from + 1 }, (_, step) => `${from + step}`),
    );
    expect(failures.sort()).toEqual(documented.sort());
  });

  test.each([
    ["0000", "Success", "completed"],
    ["0000", "SUCCESS", "completed"],
    ["0000", null, "completed"],
    ["0", "Success", "completed"],
    ["0000", "Done and dusted", "completed"],
    ["00000000", "Success", "completed"],
    ["Success", "Success", "completed"],
    ["Failed", "Failed", "failed"],
    ["Success", null, "completed"],
    ["Pending", "Pending", "pending"],
    ["Success", "Failed", "contradiction"],
    ["1100", "Pending", "pending"],
    ["1100", "Success", "pending"],
    ["1100", null, "pending"],
    ["200", "Pending", "pending"],
    ["200", "Success", "completed"],
    ["200", "Failed", "failed"],
    ["200", null, "pending"],
    ["5000", null, "nothing"],
    ["5000", "Failed", "nothing"],
    ["7001", "Failed", "nothing"],
    ["7001", null, "nothing"],
    ["6001", "Failed", "nothing"],
    ["1107", "Failed", "failed"],
    ["1107", "Error", "failed"],
    ["8006", null, "failed"],
    [null, "Success", "completed"],
    [null, "pending", "pending"],
    [null, "Failed", "failed"],
    [null, "Whatever", "nothing"],
    [null, null, "nothing"],
  ] as const)("code %s beside status %s says %s", (code, word, says) => {
    expect(saysOfIpn(code, word)).toBe(says);
  });

  test.each([
    ["0000", "Failed"],
    ["0000", "Pending"],
    ["0000", "Reversed"],
    ["1107", "Success"],
    ["1107", "Pending"],
    ["1100", "Failed"],
    ["5000", "Success"],
    ["7001", "Success"],
    ["4711", "Success"],
  ])("code %s beside status %s is a contradiction, not a guess", (code, word) => {
    expect(saysOfIpn(code, word)).toBe("contradiction");
  });

  test("an unknown code is a failure only where the status says that it is final", () => {
    expect(saysOfIpn("4711", "Failed")).toBe("failed");
    expect(saysOfIpn("4711", "Pending")).toBe("pending");
    expect(saysOfIpn("4711", null)).toBe("nothing");
    expect(saysOfIpn("toString", "constructor")).toBe("nothing");
  });
});
