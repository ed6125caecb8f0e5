/** East Africa Time, in minutes east of UTC. Kenya has had no daylight saving since 1960, so the offset is fixed. */
const eastAfricaMinutes = 180;
/** No form is longer; a longer text is refused before any pattern runs. */
const timeCharsMax = 40;

/**
 * Every date form the providers send (see the MAPPING pages), each with named parts. Where no offset is given it is East Africa
 * Time. `half` is the am or pm beside the hour.
 */
const forms = [
  // 20251018233026, as number or text: Daraja, Kyanda
  /^(?<year>\d{4})(?<month>\d\d)(?<day>\d\d)(?<hour>\d\d)(?<minute>\d\d)(?<second>\d\d)$/,
  // 2025-10-18 23:30:26, and ISO 8601 with or without fraction and offset: Codian, Daraja, Africa's Talking, Graygle
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)[T ](?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d)(?:[.,](?<fraction>\d{1,9}))?)? ?(?<offset>Z|[+-]\d\d:?\d\d)?$/i,
  // 18.10.2025 23:30:26: Daraja's results
  /^(?<day>\d\d)[./-](?<month>\d\d)[./-](?<year>\d{4}) (?<hour>\d{1,2}):(?<minute>\d\d)(?::(?<second>\d\d))?$/,
  // 23-09-2023 11.20am, 05-11-2021 9:19 am, 01-01-2023 00:00 am: Kyanda
  /^(?<day>\d\d)[./-](?<month>\d\d)[./-](?<year>\d{4}) (?<hour>\d{1,2})[:.](?<minute>\d\d)(?:[:.](?<second>\d\d))? ?(?<half>[ap]m)$/i,
];

/** The instant a provider's date names, or null where it names none. Never throws: a date that cannot be read spoils no callback. */
export function parseProviderTime(value: unknown): Date | null {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || text.length > timeCharsMax) return null;
  const typed = text.trim().replace(/\s+/g, " ");
  for (const form of forms) {
    const parts = form.exec(typed)?.groups;
    if (parts) return instant(parts);
  }
  return null;
}

function instant(parts: Record<string, string | undefined>): Date | null {
  const [year, month, day, minute] = [parts.year, parts.month, parts.day, parts.minute].map(Number) as number[];
  const hour = hourOf(Number(parts.hour), parts.half?.toLowerCase());
  const offset = offsetOf(parts.offset);
  if (hour === null || offset === null) return null;
  const second = Number(parts.second ?? 0);
  const millisecond = Number((parts.fraction ?? "").slice(0, 3).padEnd(3, "0"));
  const local = new Date(Date.UTC(year!, month! - 1, day!, hour, minute!, second, millisecond));
  // Date.UTC rolls 31 February over to March; a date that does not come back as it went in never was.
  const same =
    local.getUTCFullYear() === year &&
    local.getUTCMonth() === month! - 1 &&
    local.getUTCDate() === day &&
    local.getUTCHours() === hour &&
    local.getUTCMinutes() === minute &&
    local.getUTCSeconds() === second;
  return same ? new Date(local.getTime() - offset * 60_000) : null;
}

/** 12 am is midnight; `00:00 am` and `22:29 pm` are what a sloppy format prints and mean what the clock says. */
function hourOf(hour: number, half: string | undefined): number | null {
  if (half === "am") return hour <= 12 ? hour % 12 : null;
  if (half === "pm") return hour === 0 ? null : hour < 12 ? hour + 12 : hour;
  return hour;
}

/** Minutes east of UTC, or null for an offset no place on earth has. */
function offsetOf(offset: string | undefined): number | null {
  if (offset === undefined) return eastAfricaMinutes;
  if (offset === "Z" || offset === "z") return 0;
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(-2))];
  if (hours > 14 || minutes > 59) return null;
  return (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}
