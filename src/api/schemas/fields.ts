import { z } from "zod";
import { type IdKind, idPattern, idPrefixes, parseId } from "../../domain/ids.ts";
import { parsePhone } from "../../domain/phone.ts";

const secondsMax = 366 * 86_400;
const exampleHex = "0199f3b0c4d17a3e8f0a1b2c3d4e5f60";

/** A public id for examples. */
export const exampleId = (kind: IdKind) => idPrefixes[kind] + exampleHex;

/** A public id in a body or query, parsed to a UUID. */
export const idInput = (kind: IdKind) =>
  z
    .string()
    .meta({ pattern: idPattern(kind), examples: [exampleId(kind)] })
    .transform((text, ctx) => {
      const uuid = parseId(kind, text);
      if (uuid !== null) return uuid;
      ctx.addIssue(`is not an id of this kind: send one such as ${exampleId(kind)}`);
      return z.NEVER;
    });

/** A public id in a response. */
export const idOutput = (kind: IdKind) => z.string().meta({ pattern: idPattern(kind), examples: [exampleId(kind)] });

/** A time in a body or query: RFC 3339 with an offset. */
export const timeInput = z
  .string()
  .meta({ format: "date-time", examples: ["2025-10-18T20:30:26Z"] })
  .transform((text, ctx) => {
    const time = instantOf(text);
    if (time !== null) return time;
    ctx.addIssue("must be a time with its offset, such as 2025-10-18T20:30:26Z");
    return z.NEVER;
  });

function instantOf(text: string): Date | null {
  // In a query, a plus that was not percent-encoded arrives as a space.
  const typed = text.replace(/ (?=\d\d:\d\d$)/, "+").toUpperCase();
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(typed)) return null;
  const time = new Date(typed);
  // Date turns 30 February and 24:00 into the next day: text that does not survive the round trip is refused.
  const clock = typed.slice(0, 19);
  const local = new Date(`${clock}Z`);
  if (Number.isNaN(time.getTime()) || Number.isNaN(local.getTime()) || !local.toISOString().startsWith(clock))
    return null;
  // With its offset, the time may lie outside the years that PostgreSQL reads.
  const year = time.getUTCFullYear();
  return year >= 1 && year <= 9999 ? time : null;
}

/** What a phone number is written with. Whether its country has such a number, no pattern says. */
export const phonePattern = "^[\\s+()./0-9-]{6,40}$";

/** An address that may be called; whether it is public, no pattern says. */
export const urlPattern = "^[Hh][Tt][Tt][Pp][Ss]?://[^\\s/?#@]+([/?#]\\S*)?$";

/** A phone number in a body or query, as E.164. Local forms are those of Kenya. */
export const phoneInput = z
  .string()
  .meta({ pattern: phonePattern, examples: ["+254712345678"] })
  .transform((text, ctx) => {
    const phone = parsePhone(text);
    if (phone !== null) return phone;
    ctx.addIssue("must be a phone number, such as +254712345678");
    return z.NEVER;
  });

/** A time in a response: UTC, milliseconds. */
export const timeOutput = z.string().meta({ format: "date-time", examples: ["2025-10-18T20:30:26.000Z"] });

/** Written without `\p{Cc}`, which few JSON Schema validators know. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern refuses them.
export const noControlCharacters = /^[^\x00-\x1f\x7f-\x9f]*$/;

/** A name that people read: one line without control characters. */
export const nameInput = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(noControlCharacters, "must be one line without control characters");

/** Seconds for which a replaced token or secret stays valid; 0 ends it at once. */
export const overlapInput = z.int().min(0).max(secondsMax);
