/** No pause is longer: a date far away would silence a connection for good. */
const retryAfterMaxS = 86_400;

/**
 * The header `Retry-After` in whole seconds from `now`, whether it is written as seconds or as a date; null where it
 * says neither.
 */
export function retryAfterS(headers: Readonly<Record<string, string>>, now: Date): number | null {
  const text = headers["retry-after"]?.trim() ?? "";
  const seconds = /^\d{1,10}$/.test(text) ? Number(text) : untilDate(text, now);
  return seconds === null ? null : Math.min(Math.max(seconds, 0), retryAfterMaxS);
}

/** Only HTTP's own form, `Wed, 21 Oct 2026 07:28:00 GMT`: Date.parse alone would take `-5` for a year. */
function untilDate(text: string, now: Date): number | null {
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : Math.ceil((ms - now.getTime()) / 1000);
}
