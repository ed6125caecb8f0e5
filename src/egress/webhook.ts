import { createHmac, randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";

/** Standard Webhooks 1.0: a symmetric secret has 24 to 64 bytes. */
const secretBytes = { min: 24, new: 32, max: 64 } as const;

/** Decoded keys by secret, so that a signature needs no decoding. About 100 bytes each. */
const keys = new LRUCache<string, Buffer>({ max: 10_000 });

export type WebhookHeaders = Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string>;

/** A new signing secret: `whsec_` and base64 of 32 random bytes. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(secretBytes.new).toString("base64")}`;
}

/**
 * The headers that sign a message as Standard Webhooks 1.0: `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`,
 * one signature for each secret (two while a secret is rotated). `timestampS` is Unix time in whole seconds. Throws for
 * a malformed secret; the error does not contain it.
 */
export function signWebhook(message: {
  id: string;
  timestampS: number;
  body: string | Buffer;
  secrets: readonly string[];
}): WebhookHeaders {
  const { id, timestampS, body, secrets } = message;
  const signatures = secrets.map(
    secret => `v1,${createHmac("sha256", keyOf(secret)).update(`${id}.${timestampS}.`).update(body).digest("base64")}`,
  );
  return { "webhook-id": id, "webhook-timestamp": String(timestampS), "webhook-signature": signatures.join(" ") };
}

function keyOf(secret: string): Buffer {
  const known = keys.get(secret);
  if (known !== undefined) return known;
  const base64 = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  const key = Buffer.from(base64 ?? "", "base64");
  if (key.length < secretBytes.min || key.length > secretBytes.max) {
    throw new Error(`a signing secret is whsec_ and base64 of ${secretBytes.min} to ${secretBytes.max} bytes`);
  }
  keys.set(secret, key);
  return key;
}
