import { createHash, randomBytes } from "node:crypto";
import { shardCount } from "../domain/ids.ts";

const randomPart = 24;

/**
 * A callback token: the shard as two hex digits, so that a look-up touches one shard, and 192 random bits in base64url.
 * It contains none of `refusedWords` (Provider.refusedUrlWords) in any letter case; one random token in 400 would
 * contain one of Daraja's.
 */
export function newCallbackToken(
  shard: number,
  refusedWords: readonly string[] = [],
  random: (bytes: number) => Buffer = randomBytes,
): string {
  const prefix = shard.toString(16).padStart(2, "0");
  for (;;) {
    const token = prefix + random(randomPart).toString("base64url");
    const text = token.toLowerCase();
    if (!refusedWords.some(word => text.includes(word))) return token;
  }
}

/** The shard of a token; null for text that cannot be a token, so that no query is needed. */
export function shardOfToken(token: string): number | null {
  if (!/^[0-9a-f]{2}[\w-]{32}$/.test(token)) return null;
  const shard = Number.parseInt(token.slice(0, 2), 16);
  return shard < shardCount ? shard : null;
}

/** The SHA-256 digest that `connection_tokens.token_hash` stores. */
export function hashOfToken(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
