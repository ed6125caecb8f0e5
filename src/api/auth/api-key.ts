import { randomBytes } from "node:crypto";

const pattern = /^hk_([0-3][0-9a-f])[0-9a-f]{64}$/;

/** A new key: `hk_`, the shard as two hex digits, so that a look-up touches one shard, and 256 random bits. */
export function newApiKey(shard: number): string {
  return `hk_${shard.toString(16).padStart(2, "0")}${randomBytes(32).toString("hex")}`;
}

/** The shard of a key's row; null for text that cannot be a key. */
export function shardOfKey(key: string): number | null {
  const hex = pattern.exec(key)?.[1];
  return hex === undefined ? null : Number.parseInt(hex, 16);
}
