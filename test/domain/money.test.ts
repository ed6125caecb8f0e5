import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { minorDigits } from "../../src/domain/currencies.ts";
import { formatMoney, parseAmount, parseMinorAmount, parseMoney } from "../../src/domain/money.ts";

function minor(value: unknown, currency = "KES"): bigint | string {
  const parsed = parseAmount(value, currency);
  return parsed.ok ? parsed.money.minor : parsed.message;
}

describe("minor digits", () => {
  test("are those of ISO 4217", () => {
    for (const code of ["UGX", "RWF", "BIF", "DJF", "KMF", "XAF", "XOF", "JPY", "KRW"])
      expect(minorDigits(code)).toBe(0);
    for (const code of ["KES", "TZS", "USD", "CDF", "EUR", "ETB", "ZMW", "MWK", "NGN", "ZAR", "GHS"])
      expect(minorDigits(code)).toBe(2);
    for (const code of ["BHD", "KWD", "TND", "OMR", "JOD", "IQD", "LYD"]) expect(minorDigits(code)).toBe(3);
  });

  test("are unknown for what is no currency", () => {
    for (const code of ["", "KSH", "kes", "XAU", "constructor", "__proto__"]) expect(minorDigits(code)).toBeNull();
  });
});

describe("an amount", () => {
  test("is exact whatever its spelling", () => {
    for (const same of ["100", "100.00", "100.0000", " 100 ", 100, "0100.0"]) expect(minor(same)).toBe(10000n);
    expect(minor("100.5")).toBe(10050n);
    expect(minor(0.29)).toBe(29n);
    expect(minor(1.1)).toBe(110n);
    expect(minor(0)).toBe(0n);
    expect(minor(-0)).toBe(0n);
    expect(minor("1500", "UGX")).toBe(1500n);
    expect(minor("1500.00", "UGX")).toBe(1500n);
    expect(minor("1.2345", "BHD")).toMatch(/3 decimals/);
    expect(minor("1.2340", "BHD")).toBe(1234n);
    expect(minor("5", " kes ")).toBe(500n);
  });

  test("may group its thousands only as they are grouped", () => {
    expect(minor("1,000.00")).toBe(100000n);
    expect(minor("12,345,678")).toBe(1234567800n);
    for (const wrong of ["1,00", "1000,000", ",100", "1,000,", "0,100", "1,0000", "1.000,00", "1,000.0,0"])
      expect(minor(wrong)).toEqual(expect.stringMatching(/./));
  });

  test("with more decimals than its currency has is refused", () => {
    expect(minor("100.5", "UGX")).toMatch(/UGX/);
    expect(minor("100.005")).toMatch(/2 decimals/);
    expect(minor(0.1 + 0.2)).toMatch(/digits/);
  });

  test("larger than the database's integers is refused, and the largest is not", () => {
    expect(minor("92233720368547758.07")).toBe(9223372036854775807n);
    expect(minor("92233720368547758.08")).toMatch(/too large/);
    expect(minor("1".repeat(32))).toMatch(/too large/);
    expect(minor("1".repeat(1_000_000))).toMatch(/longer/);
  });

  test("that is none is refused by name", () => {
    const wrong = [
      null,
      undefined,
      "",
      "  ",
      "-5",
      -5,
      "+5",
      "5.",
      ".5",
      "1e3",
      1e21,
      1e-7,
      "0x10",
      "1_000",
      "١٢",
      NaN,
      Infinity,
    ];
    for (const value of [...wrong, {}, [], [5], true, 10n, "KES 5", 1234567890123456]) {
      expect(parseAmount(value, "KES").ok, String(value)).toBe(false);
      expect(minor(value)).toEqual(expect.stringMatching(/^the amount /));
    }
    expect(minor(-5)).toMatch(/negative/);
    expect(minor("-5")).toMatch(/negative/);
    expect(minor("1e3")).toMatch(/exponent/);
    expect(minor("5", "KSH")).toMatch(/ISO 4217/);
  });

  test("is never repeated in the message that refuses it", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9a-f]{12,20}$/), text => {
        const parsed = parseAmount(text, "KES");
        if (!parsed.ok) expect(parsed.message).not.toContain(text);
      }),
    );
  });

  test("comes back from its own text, in every currency", () => {
    const currency = fc.constantFrom("KES", "UGX", "BHD", "CLF");
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 9223372036854775807n }), currency, (minor, currency) => {
        expect(parseAmount(formatMoney({ minor, currency }), currency)).toEqual({
          ok: true,
          money: { minor, currency },
        });
      }),
    );
  });

  test("as a JSON number is the same as its text", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999_999_999 }), cents => {
        const text = `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`;
        expect(minor(Number(text))).toBe(BigInt(cents));
        expect(minor(text)).toBe(BigInt(cents));
      }),
    );
  });

  test("of any shape is read or refused, never thrown at", () => {
    fc.assert(fc.property(fc.anything(), value => typeof parseAmount(value, "KES").ok === "boolean"));
  });
});

test("an amount in minor units is exact, whatever the currency's own decimals", () => {
  const read = (value: unknown, currency: string, digits?: number) => {
    const parsed = parseMinorAmount(value, currency, digits);
    return parsed.ok ? formatMoney(parsed.money) : parsed.message;
  };
  expect(read(8_500_000, "NGN")).toBe("85000.00");
  expect(read("5", "KES")).toBe("0.05");
  expect(read("8500000", "KES", 0)).toBe("8500000.00");
  // Hundredths of a currency without a minor unit: only whole units are money.
  expect(read("150000", "UGX")).toBe("1500");
  expect(read("150050", "UGX")).toMatch(/UGX amounts have 0 decimals/);
  for (const wrong of ["85.00", "1e5", "1,000", "ten"]) expect(read(wrong, "NGN")).toMatch(/./);
  expect(read("85.00", "NGN")).toBe("the amount is not a whole number of minor units");
  expect(read(-5, "NGN")).toBe("the amount is negative");
  expect(read(undefined, "NGN")).toBe("the amount is missing");
});

test("money in one text has its currency in front", () => {
  expect(parseMoney("KES 100.0000")).toEqual({ ok: true, money: { minor: 10000n, currency: "KES" } });
  expect(parseMoney(" UGX  1500 ")).toEqual({ ok: true, money: { minor: 1500n, currency: "UGX" } });
  for (const wrong of ["100", "KES", "KES 1 000", "", null, 5, "KES 5 KES", "KSH 5", "KES -5"])
    expect(parseMoney(wrong).ok).toBe(false);
});

test("money is written with exactly its currency's decimals", () => {
  expect(formatMoney({ minor: 5000n, currency: "KES" })).toBe("50.00");
  expect(formatMoney({ minor: 5n, currency: "KES" })).toBe("0.05");
  expect(formatMoney({ minor: 0n, currency: "KES" })).toBe("0.00");
  expect(formatMoney({ minor: 1500n, currency: "UGX" })).toBe("1500");
  expect(formatMoney({ minor: 1n, currency: "BHD" })).toBe("0.001");
});
