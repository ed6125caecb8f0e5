import { maskPhone } from "../domain/phone.ts";

/** Stands in logs and traces for a secret. */
export const censored = "[redacted]";

/**
 * A text without the secrets that have a known shape: callback tokens, signing secrets, API keys, passwords in URLs,
 * phones.
 */
export function scrub(text: string): string {
  // Nearly every text has none of these.
  if (!/\/in\/|whsec_|hka?_|:\/\/|bearer |basic |\d{10}/i.test(text)) return text;
  return hideToken(text)
    .replace(/\b(whsec_|hka?_)[\w+/=-]+/g, `$1${censored}`)
    .replace(/\b(bearer|basic) [\w.~+/=-]+/gi, `$1 ${censored}`)
    .replace(/:\/\/[^/\s@"']+@/g, `://${censored}@`)
    .replace(/(?<![\w+])(\+\d{10,15}|254[17]\d{8}|0[17]\d{8})(?!\w)/g, maskPhone);
}

/** Leaves `{token}`, the placeholder of a route's pattern, as it is. */
function hideToken(text: string): string {
  return text.replace(/(\/in\/+[^/\s]+\/+)(?!\{token\}\/)[^/\s?#"')]+/gi, "$1[token]");
}
