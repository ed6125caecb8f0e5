import { createHash } from "node:crypto";
import { unverifiedPrefix } from "../connections/unverified.ts";

const keyCharsMax = 300;

/** The dedupe key that a channel read from a callback, or that of its bytes where the channel read none. */
export function dedupeKey(channelKey: string | null, digest: Buffer): string {
  return channelKey === null ? `digest:${digest.toString("hex")}` : storableKey(channelKey);
}

/** A key of its own for a callback that was not verified: the same bytes, once verified, must not count as its copy. */
export function unverifiedKey(digest: Buffer): string {
  return `${unverifiedPrefix}${digest.toString("hex")}`;
}

/** PostgreSQL takes no NUL and no lone surrogate, and an index no text of any length: such a key becomes its digest. */
function storableKey(key: string): string {
  if (key.length <= keyCharsMax && !key.includes("\0") && Buffer.from(key).toString() === key) return key;
  return `sha256:${createHash("sha256").update(key).digest("hex")}`;
}
