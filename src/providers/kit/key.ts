import { createHash } from "node:crypto";

/** Keys are indexed for good, so they stay short. */
const keyCharsMax = 256;

/**
 * The text that names a piece of news: its parts joined by `:`, each escaped so that two lists of parts never give one
 * key. Null where the first part, the id, is missing; other missing parts count as empty. Longer than 256 characters,
 * its digest.
 */
export function keyOf(id: string | null, ...parts: (string | null)[]): string | null {
  if (id === null) return null;
  const key = [id, ...parts].map(part => (part ?? "").replaceAll("\\", "\\\\").replaceAll(":", "\\:")).join(":");
  return key.length <= keyCharsMax ? key : digestOf(key);
}

/** `sha256:` and the hex digest of a text. */
export function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
