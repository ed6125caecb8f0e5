import { createHash } from "node:crypto";
import { unverifiedPrefix } from "../connections/unverified.ts";
import type { Vault } from "../database/vault/vault.ts";

const keyCharsMax = 300;

/** Begins the dedupe key of a USSD screen, which has what was typed, a PIN perhaps: only a keyed hash is stored. */
const keyedPrefix = "keyed:";

/** The key of a USSD screen as it is stored. */
export function keyedKey(key: string, vault: Vault): string {
  return `${keyedPrefix}${vault.hash(`dedupe:${key}`)}`;
}

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
