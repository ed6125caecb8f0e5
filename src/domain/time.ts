/** No date is longer; a longer text is refused before any pattern runs. */
const timeCharsMax = 40;

/** The letters of a date format and what they match; all but `SSS`, `XX` and `a` are digits. */
const fields = {
  yyyy: "(?<year>\\d{4})",
  MM: "(?<month>\\d\\d)",
  dd: "(?<day>\\d\\d)",
  HH: "(?<hour>\\d\\d)",
  H: "(?<hour>\\d{1,2})",
  mm: "(?<minute>\\d\\d)",
  ss: "(?<second>\\d\\d)",
  SSS: "(?<fraction>\\d{1,9})",
  XX: "(?<offset>Z|[+-]\\d\\d:?\\d\\d)",
  a: "(?<half>[ap]m)",
} as const satisfies Record<string, string>;

/**
 * Reads a date as text or number. Null where it is none: a date that cannot be read never makes a callback unreadable.
 */
export type TimeReader = (value: unknown) => Date | null;

/**
 * Makes a reader of dates in any of `formats`, tried in order; `offsetMinutes` east of UTC holds where a date names no
 * offset.
 *
 * A format is written with the letters of Unicode's date patterns: `yyyy MM dd HH mm ss`, `H` for one or two digits,
 * `SSS` for a fraction of any length, `XX` for `Z` or an offset with or without its colon, `a` for am or pm. `T` and
 * signs stand for themselves, a part in brackets may be missing, and letter case does not matter:
 * `yyyy-MM-ddTHH:mm[:ss[.SSS]][XX]`. Throws where a format has other letters: formats are constants.
 */
export function timeReader(formats: readonly string[], offsetMinutes: number): TimeReader {
  const patterns = formats.map(patternOf);
  return value => {
    const text = typeof value === "number" ? String(value) : value;
    if (typeof text !== "string" || text.length > timeCharsMax) return null;
    const typed = text.trim().replace(/\s+/g, " ");
    for (const pattern of patterns) {
      const parts = pattern.exec(typed)?.groups;
      if (parts) return instant(parts, offsetMinutes);
    }
    return null;
  };
}

function patternOf(format: string): RegExp {
  const source = format.replace(/[A-Za-z]+|[^A-Za-z]/g, piece => {
    if (piece === "[") return "(?:";
    if (piece === "]") return ")?";
    return /[A-Za-z]/.test(piece) ? lettersOf(piece, format) : piece.replace(/[.*+?^${}()|\\/]/, "\\$&");
  });
  // ISO 8601 allows a comma before a fraction, too.
  return new RegExp(`^${source.replaceAll("\\.(?<fraction>", "[.,](?<fraction>")}$`, "i");
}

/** A run of letters may hold several fields, as in `yyyyMMddHHmmss` and `ddTHH`. */
function lettersOf(run: string, format: string): string {
  return run.replace(/(.)\1*/g, field => {
    if (field === "T") return "T";
    if (Object.hasOwn(fields, field)) return fields[field as keyof typeof fields];
    throw new Error(`the date format ${format} has unknown letters: ${field}`);
  });
}

function instant(parts: Record<string, string | undefined>, offsetMinutes: number): Date | null {
  const [year, month, day, minute] = [parts.year, parts.month, parts.day, parts.minute].map(Number) as number[];
  const hour = hourOf(Number(parts.hour), parts.half?.toLowerCase());
  const offset = offsetOf(parts.offset, offsetMinutes);
  if (hour === null || offset === null) return null;
  const second = Number(parts.second ?? 0);
  const millisecond = Number((parts.fraction ?? "").slice(0, 3).padEnd(3, "0"));
  const local = new Date(Date.UTC(year!, month! - 1, day!, hour, minute!, second, millisecond));
  // Date.UTC rolls 31 February over to March: a date that does not come back as it went in does not exist.
  const exists =
    local.getUTCFullYear() === year &&
    local.getUTCMonth() === month! - 1 &&
    local.getUTCDate() === day &&
    local.getUTCHours() === hour &&
    local.getUTCMinutes() === minute &&
    local.getUTCSeconds() === second;
  return exists ? new Date(local.getTime() - offset * 60_000) : null;
}

/** 12 am is midnight. `00:00 am` and `22:29 pm` come out of sloppy formatting and mean what a 24-hour clock shows. */
function hourOf(hour: number, half: string | undefined): number | null {
  if (half === "am") return hour <= 12 ? hour % 12 : null;
  if (half === "pm") return hour === 0 ? null : hour < 12 ? hour + 12 : hour;
  return hour;
}

/** Minutes east of UTC; null for an offset that no place on earth has. */
function offsetOf(offset: string | undefined, byDefault: number): number | null {
  if (offset === undefined) return byDefault;
  if (offset === "Z" || offset === "z") return 0;
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(-2))];
  if (hours > 14 || minutes > 59) return null;
  return (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}
