/**
 * The header `Retry-After` in whole seconds from `now`: seconds or a date (RFC 9110, 10.2.3); null where it is neither.
 */
export function retryAfterS(text: string | undefined, now: Date): number | null {
  const value = text?.trim() ?? "";
  const seconds = /^\d{1,10}$/.test(value) ? Number(value) : secondsUntil(value, now);
  return seconds === null ? null : Math.max(seconds, 0);
}

/** HTTP's date form only, `Wed, 21 Oct 2026 07:28:00 GMT`: `Date.parse` would read `-5` as a year. */
function secondsUntil(text: string, now: Date): number | null {
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : Math.ceil((ms - now.getTime()) / 1000);
}
