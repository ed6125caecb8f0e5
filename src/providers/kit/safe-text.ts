import { textOf } from "./text.ts";

const codeCharsMax = 80;
const wordsCharsMax = 200;

/** A provider's code as part of a reason that people read and logs keep: nothing but what codes are made of. */
export function safeCode(code: string): string {
  return code.replace(/[^\w.-]/g, "").slice(0, codeCharsMax) || "none";
}

/**
 * What a provider says, for the person who asked for it: cut, and without what could be a phone number, an id or a
 * secret. Never for deciding: that is what codes are for.
 */
export function safeText(value: unknown): string | null {
  const text = textOf(value)?.slice(0, wordsCharsMax);
  if (text === undefined) return null;
  return text.replace(/[\p{Control}]/gu, " ").replace(/[\w+/=-]{20,}|\d{7,}/g, "…");
}
