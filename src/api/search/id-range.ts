import { type IdKind, idPrefixes } from "../../domain/ids.ts";

/** Fewer digits are of a whole minute and more: no beginning of an id that a person remembers. */
const digitsMin = 8;
const digits = 32;

/** Whether a text is an id or the beginning of one, and the ids from the first to the last that begin so. */
export function idRangeOf(text: string): { kind: IdKind; first: string; last: string; isExact: boolean } | null {
  const typed = text.toLowerCase();
  const kind = (Object.keys(idPrefixes) as IdKind[]).find(each => typed.startsWith(idPrefixes[each]));
  if (kind === undefined) return null;
  const hex = typed.slice(idPrefixes[kind].length);
  if (!/^[0-9a-f]+$/.test(hex) || hex.length < digitsMin || hex.length > digits) return null;
  return {
    kind,
    first: uuidOf(hex.padEnd(digits, "0")),
    last: uuidOf(hex.padEnd(digits, "f")),
    isExact: hex.length === digits,
  };
}

function uuidOf(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
