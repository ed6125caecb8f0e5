import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maskPhone, maskPhonesIn, parsePhone } from "../../src/domain/phone.ts";

describe("a phone number", () => {
  test("is the same in every spelling", () => {
    const spellings = [
      "+254794335725",
      "254794335725",
      " 254794335725",
      "0794335725",
      "794335725",
      "00254794335725",
      "0794 335 725",
    ];
    for (const spelling of [...spellings, "+254 (794) 335-725", 254794335725, 794335725])
      expect(parsePhone(spelling)).toBe("+254794335725");
  });

  test("of the sandbox is one", () => {
    expect(parsePhone(254708374149)).toBe("+254708374149");
    expect(parsePhone("254712345678")).toBe("+254712345678");
    expect(parsePhone("0110123456")).toBe("+254110123456");
  });

  test("of a neighbour needs no plus with its country's code", () => {
    expect(parsePhone("256772123456")).toBe("+256772123456");
    expect(parsePhone("255754123456")).toBe("+255754123456");
    expect(parsePhone("243812345678")).toBe("+243812345678");
    expect(parsePhone("0772123456", "UG")).toBe("+256772123456");
  });

  test("that is masked, hashed or none is null", () => {
    const none = [
      "254708***430",
      "0722000***",
      "0722000XXX",
      "a".repeat(64),
      "1".repeat(64),
      "12",
      "",
      " ",
      "+",
      "Safaricom",
      "254",
    ];
    const values = [
      ...none,
      "0794335725 ext 5",
      "254794335725254794335725",
      "600310",
      174379,
      1.5,
      -254794335725,
      Number.NaN,
    ];
    for (const value of [...values, null, undefined, {}, [], true, 254794335725n])
      expect(parsePhone(value), String(value)).toBeNull();
  });

  test("of any shape and country is read or null, never thrown at", () => {
    fc.assert(fc.property(fc.anything(), fc.string(), (value, country) => parsePhone(value, country) !== undefined));
    fc.assert(
      fc.property(fc.stringMatching(/^[+0-9 ().-]{1,20}$/), text =>
        /^\+\d{7,15}$/.test(parsePhone(text) ?? "+2547943357"),
      ),
    );
  });
});

test("a masked phone number keeps its operator and its end only", () => {
  expect(maskPhone("+254794335725")).toBe("+2547*****725");
  expect(maskPhone("+256772123456")).toBe("+2567*****456");
  expect(maskPhone("+2541234")).not.toContain("4123");
});

test("phone numbers in a text are masked as people type them, and other numbers stay", () => {
  const texts = ["Paid from 0712000345 at 10", "+254 712 000 345!", "254712000345,", "WS_CO_20251018233026 of 100000"];
  expect(texts.map(maskPhonesIn)).toEqual([
    "Paid from +2547*****345 at 10",
    "+2547*****345!",
    "+2547*****345,",
    "WS_CO_20251018233026 of 100000",
  ]);
});
