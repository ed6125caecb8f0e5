import { z } from "zod";
import { type IdKind, idPrefixes, parseId } from "../../domain/ids.ts";

const secondsMax = 366 * 86_400;
const exampleHex = "0199f3b0c4d17a3e8f0a1b2c3d4e5f60";

/** The public id of that kind, in examples. */
export const exampleId = (kind: IdKind) => idPrefixes[kind] + exampleHex;

/** A public id in a body or query, parsed to its UUID. */
export const idInput = (kind: IdKind) =>
  z
    .string()
    .meta({ pattern: `^${idPrefixes[kind]}[0-9a-f]{32}$`, examples: [exampleId(kind)] })
    .transform((text, ctx) => {
      const uuid = parseId(kind, text);
      if (uuid !== null) return uuid;
      ctx.addIssue(`is not an id of that kind: it looks like ${exampleId(kind)}`);
      return z.NEVER;
    });

/** A public id in an answer. */
export const idOutput = (kind: IdKind) => z.string().meta({ examples: [exampleId(kind)] });

/** An instant in a body or query: RFC 3339 with an offset. */
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
  // A plus that was not percent-encoded arrives in a query as a space.
  const typed = text.replace(/ (?=\d\d:\d\d$)/, "+").toUpperCase();
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(typed)) return null;
  const time = new Date(typed);
  // Date rolls 30 February and 24:00 over: what does not come back as it went in is no time.
  const clock = typed.slice(0, 19);
  const local = new Date(`${clock}Z`);
  if (Number.isNaN(time.getTime()) || Number.isNaN(local.getTime()) || !local.toISOString().startsWith(clock))
    return null;
  // An offset may lead out of the years that PostgreSQL reads.
  const year = time.getUTCFullYear();
  return year >= 1 && year <= 9999 ? time : null;
}

/** An instant in an answer: UTC, milliseconds. */
export const timeOutput = z.string().meta({ format: "date-time", examples: ["2025-10-18T20:30:26.000Z"] });

/** Spelled so that any validator of the documents takes it: few know `\p{Cc}`. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it refuses.
export const noControlCharacters = /^[^\x00-\x1f\x7f-\x9f]*$/;

/** A short text people write and read: no line breaks, no control characters. */
export const nameInput = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(noControlCharacters, "must be one line without control characters");

/** How long what is being replaced lives on, in seconds; 0: not at all. */
export const overlapInput = z.int().min(0).max(secondsMax);
