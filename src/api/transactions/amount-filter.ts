import { currencyDigits } from "../../domain/currencies.ts";

/** Amounts between two bounds, in the minor units of currencies with so many digits. */
export type AmountRange = { currencies: string[]; from: bigint | null; to: bigint | null };

/**
 * The bounds of `amount_min` and `amount_max` for each group of currencies with the same minor digits: amounts are kept
 * in minor units, and a filter without a currency means main units of whichever.
 */
export function amountRanges(min: string | undefined, max: string | undefined): AmountRange[] {
  if (min === undefined && max === undefined) return [];
  const digits = [...new Set(Object.values(currencyDigits))];
  return digits.map(count => ({
    currencies: Object.entries(currencyDigits).flatMap(([code, each]) => (each === count ? [code] : [])),
    from: min === undefined ? null : minorOf(min, count, "up"),
    to: max === undefined ? null : minorOf(max, count, "down"),
  }));
}

/** Decimal text in minor units, rounded towards the amounts that there are. */
function minorOf(text: string, digits: number, rounding: "up" | "down"): bigint {
  const [whole = "0", fraction = ""] = text.split(".");
  const kept = BigInt(whole + fraction.slice(0, digits).padEnd(digits, "0"));
  return rounding === "up" && /[1-9]/.test(fraction.slice(digits)) ? kept + 1n : kept;
}
