import { type CountryCode, parsePhoneNumberFromString } from "libphonenumber-js/min";

/** E.164 has at most 15 digits; the rest is room for the signs that people type. */
const phoneCharsMax = 32;

/**
 * Reads a phone number as E.164 (`+254794335725`); null where it is masked, hashed, missing or no phone number. Takes
 * numbers and text: `+254…`, `254…`, `00254…`, `07…` of `country` (ISO 3166), and ` 254…`, where a form post turned the
 * plus into a space.
 */
export function parsePhone(value: unknown, country: string = "KE"): string | null {
  const text = typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== "string" || text.length > phoneCharsMax) return null;
  const typed = text.trim();
  if (!/^\+?[(\d][\d\s().-]*$/.test(typed)) return null;
  if (typed.startsWith("+")) return e164(typed);
  if (typed.startsWith("00")) return e164(`+${typed.slice(2)}`);
  // National first: a Kenyan number is never long enough to be an international one without its plus.
  return e164(typed, country as CountryCode) ?? (typed.startsWith("0") ? null : e164(`+${typed}`));
}

/**
 * Masks a number for logs and lists: `+2547*****725`. Shows at most eight characters, and no more than half of a short
 * one.
 */
export function maskPhone(e164: string): string {
  const [head, tail] = e164.length >= 12 ? [5, 3] : [2, 2];
  return e164.slice(0, head) + "*".repeat(Math.max(5, e164.length - head - tail)) + e164.slice(-tail);
}

/**
 * The text with its phone numbers masked, as people type them: for what can never be erased. Numbers without a country
 * are read as Kenyan.
 */
export function maskPhonesIn(text: string): string {
  return text.replaceAll(/(?<![\d+])\+?\d(?:[ -]?\d){8,14}(?!\d)/g, typed => {
    const phone = parsePhone(typed);
    return phone === null ? typed : maskPhone(phone);
  });
}

function e164(text: string, country?: CountryCode): string | null {
  const parsed = parsePhoneNumberFromString(text, { extract: false, ...(country && { defaultCountry: country }) });
  return parsed?.isValid() ? parsed.number : null;
}

/** Matches a number in every form that texts have it in: `0712…`, `254712…`, `+254712…`, `00254712…`, `712…`. */
export function phonePattern(phone: string): RegExp {
  const parsed = parsePhoneNumberFromString(phone, { extract: false });
  const national = parsed?.nationalNumber ?? phone.replaceAll(/\D/g, "");
  const calling = parsed?.countryCallingCode ?? "";
  return new RegExp(`(?<!\\d)(?:\\+?(?:00)?${calling})?0?${national}(?!\\d)`, "g");
}
