import { randomBytes } from "node:crypto";

const merchantPattern = /^hk_([0-3][0-9a-f])[0-9a-f]{64}$/;
const operatorPattern = /^hko_[0-9a-f]{64}$/;

/** Operators belong to the installation: all of them are in this shard. */
export const operatorShard = 0;

/** A new key: `hk_`, the shard as two hex digits, so that a look-up touches one shard, and 256 random bits. */
export function newApiKey(shard: number): string {
  return `hk_${shard.toString(16).padStart(2, "0")}${randomBytes(32).toString("hex")}`;
}

/** A new operator's key: `hko_` and 256 random bits. */
export function newOperatorKey(): string {
  return `hko_${randomBytes(32).toString("hex")}`;
}

/** The shard of a key's row; null for text that cannot be a key. */
export function shardOfKey(key: string): number | null {
  if (operatorPattern.test(key)) return operatorShard;
  const hex = merchantPattern.exec(key)?.[1];
  return hex === undefined ? null : Number.parseInt(hex, 16);
}
