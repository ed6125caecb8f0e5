/** `2025-10-18 23:30:26` in a time zone (an IANA name). */
export function localTime(at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" }).format(at);
}

/** The same as a field for dates takes it, to the minute: `2025-10-18T23:30`. */
export function typedTime(at: Date, timeZone: string): string {
  return localTime(at, timeZone).replace(" ", "T").slice(0, 16);
}

/**
 * The instant of a date and time that a person typed, `2025-10-18T23:30`, in a time zone, as RFC 3339; any other text
 * as it is, for the API to refuse. Where a clock is set back, the first of the two.
 */
export function instantIn(typed: string, timeZone: string): string {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(typed)) return typed;
  const asUtc = Date.parse(`${typed}Z`);
  if (Number.isNaN(asUtc)) return typed;
  const first = asUtc - offsetMs(asUtc, timeZone);
  // The offset may be another one at the instant itself.
  return new Date(asUtc - offsetMs(first, timeZone)).toISOString();
}

/** How far the zone's clock is ahead of UTC at an instant. */
function offsetMs(at: number, timeZone: string): number {
  return Date.parse(`${localTime(new Date(at), timeZone).replace(" ", "T")}Z`) - Math.floor(at / 1000) * 1000;
}
