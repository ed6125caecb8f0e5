import type { Finding } from "../../domain/evidence.ts";
import { parsePhone } from "../../domain/phone.ts";
import { shortTextOf } from "./text.ts";

/** What a provider shows of a number. */
export type ShownPhone = Pick<Finding, "phone" | "phoneMasked" | "phoneSha256">;

/**
 * Reads a number as a provider shows it: whole, as the SHA-256 of its digits (64 hex digits, Daraja's C2B version 1),
 * or masked; a masked one is kept as it is shown. Nothing of anything else.
 */
export function shownPhone(value: unknown, country: string): ShownPhone {
  const phone = parsePhone(value, country);
  if (phone !== null) return { phone };
  const text = shortTextOf(value);
  if (text === null) return {};
  if (/^[0-9a-f]{64}$/i.test(text)) return { phoneSha256: text.toLowerCase() };
  return isMasked(text) ? { phoneMasked: text } : {};
}

/** Digits and, in place of some of them, `*`, `x`, `#` or `•`: `2547 ***** 126`, `0722XXX430`; nothing else. */
function isMasked(text: string): boolean {
  return /^\+?[\d*x#•\s().-]{6,32}$/i.test(text) && /[*x#•]/i.test(text) && text.replace(/\D/g, "").length >= 3;
}
