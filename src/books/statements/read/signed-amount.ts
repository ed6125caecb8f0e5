import { minorDigits } from "../../../domain/currencies.ts";
import { parseAmount } from "../../../domain/money.ts";

/**
 * Reads an amount with its sign as minor units: `-1,250.00`, `(1,250.00)`, `KES 1,250`. Null for what is no amount;
 * blanks and dashes are zero.
 */
export function readSigned(text: string, currency: string): bigint | null {
  const bare = text.replace(/^[A-Za-z]{3}\.?\s*(?=[-–−+(\d])/, "").replace(/\s/g, "");
  if (/^[-–]*$/.test(bare)) return 0n;
  const isNegative = /^[-−(]/.test(bare) || /-$/.test(bare);
  const digits = roundOff(bare.replace(/^[-−+(]+|[)-]+$/g, ""), minorDigits(currency) ?? 2);
  const parsed = parseAmount(digits, currency);
  if (!parsed.ok) return null;
  return isNegative ? -parsed.money.minor : parsed.money.minor;
}

/** A workbook stores numbers in binary: 4.2 may stand there as 4.2000000000000002. */
function roundOff(text: string, digits: number): string {
  return /^\d+\.\d{10,}$/.test(text) ? Number(text).toFixed(digits) : text;
}
