import { jsonDepthMax } from "../../domain/json.ts";

/** More values than any provider sends: objects, lists, texts and numbers, or the fields of a form. */
export const valuesMax = 20_000;

/**
 * Why a body is not parsed: it nests deeper than 64 levels or has more than 20,000 values. Null where it may be parsed.
 * Reads bytes and stops at the first that is too many, so that a hostile body costs microseconds: JSON.parse takes
 * 175 ms for 1 MiB of `[`. Trusts nothing: the bytes need not be JSON.
 */
export function jsonLimitProblem(bytes: Uint8Array): string | null {
  let depth = 0;
  let values = 1;
  let isEmpty = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (byte === quote) {
      at = endOfText(bytes, at);
      isEmpty = false;
    } else if (byte === comma) values += 1;
    else if (byte === openBrace || byte === openBracket) {
      depth += 1;
      values += 1;
      isEmpty = true;
      if (depth > jsonDepthMax) return `The body is not parsed: it nests deeper than ${jsonDepthMax} levels.`;
    } else if (byte === closeBrace || byte === closeBracket) {
      depth -= 1;
      if (isEmpty) values -= 1;
      isEmpty = false;
    } else if (byte > space) isEmpty = false;
    if (values > valuesMax) return tooMany;
  }
  return null;
}

/** The bracket that a body begins with, as nearly every JSON does; null where it begins otherwise. */
export function openingOf(bytes: Uint8Array): "{" | "[" | null {
  let at = 0;
  while (at < bytes.length && bytes[at]! <= space) at += 1;
  if (bytes[at] === openBrace) return "{";
  return bytes[at] === openBracket ? "[" : null;
}

/** The same for a form: why it is not parsed, or null. */
export function formLimitProblem(bytes: Uint8Array): string | null {
  let fields = 1;
  for (const byte of bytes) {
    if (byte === ampersand) fields += 1;
    if (fields > valuesMax) return tooMany;
  }
  return null;
}

const tooMany = `The body is not parsed: it has more than ${valuesMax} values.`;

const space = 32;
const quote = 34;
const ampersand = 38;
const comma = 44;
const openBracket = 91;
const backslash = 92;
const closeBracket = 93;
const openBrace = 123;
const closeBrace = 125;

/** The position of the quote that ends the text, or the end of the bytes. */
function endOfText(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}
