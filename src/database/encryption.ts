import { createCipheriv, createDecipheriv, createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { SecretKey } from "./secret-keys.ts";

/** Seals texts for columns that hold credentials and secrets. */
export type SecretBox = {
  /**
   * `v1:<key id>:<base64url of nonce, ciphertext, tag>`. `context` says where the value lives, e.g.
   * `connections.credentials:<id>`: the same context is needed to open it, so a sealed value moved to another row or
   * column does not open.
   */
  seal(plaintext: string, context: string): string;
  /** Throws where the key is missing, the context is another, or the text was changed; never with the plaintext. */
  open(sealed: string, context: string): string;
  /** The id of the key that seals now. After a rotation, values sealed with another key remain to be re-sealed. */
  writesWith: string;
  /** The id of the key a value was sealed with. Throws for what is not a sealed value. */
  keyIdOf(sealed: string): string;
};

// AES-256-GCM (NIST SP 800-38D): a random nonce of 96 bits is good for 2^32 seals under one key.
const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;

/**
 * The first key seals, all of them open. For a value sealed with an unknown key, `more` reads the keys again: they may
 * have been rotated meanwhile, and then the first of the new list seals, so that the old key can be removed without a
 * restart. Throws where there is no key, or one is not of 32 bytes.
 */
export function makeSecretBox(keys: readonly SecretKey[], more: () => readonly SecretKey[] = () => []): SecretBox {
  const [first] = keys;
  if (first === undefined) throw new Error("a secret box needs a key: set HAKIKA_SECRET_KEY");
  let writer = first;
  const byId = new Map(keys.map(({ id, key }) => [id, key]));
  for (const [id, key] of byId) {
    if (key.length !== 32) throw new Error(`secret key "${id}" has ${key.length} bytes instead of 32`);
  }

  function adopt(rotated: readonly SecretKey[]): void {
    for (const { id, key } of rotated) byId.set(id, key);
    writer = rotated[0] ?? writer;
  }

  return {
    get writesWith() {
      return writer.id;
    },
    keyIdOf: sealed => parse(sealed).keyId,
    seal(plaintext, context) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, writer.key, nonce, { authTagLength: tagBytes });
      cipher.setAAD(boundTo(writer.id, context));
      const bytes = Buffer.concat([nonce, cipher.update(plaintext, "utf8"), cipher.final(), cipher.getAuthTag()]);
      return `v1:${writer.id}:${bytes.toString("base64url")}`;
    },
    open(sealed, context) {
      const { keyId, bytes } = parse(sealed);
      if (!byId.has(keyId)) adopt(more());
      const key = byId.get(keyId);
      if (key === undefined) {
        throw new Error(`secret key "${keyId}" is missing: add it to the list in HAKIKA_SECRET_KEY (${context})`);
      }
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
      decipher.setAAD(boundTo(keyId, context));
      decipher.setAuthTag(bytes.subarray(-tagBytes));
      try {
        return decipher.update(bytes.subarray(nonceBytes, -tagBytes), undefined, "utf8") + decipher.final("utf8");
      } catch {
        throw new Error(
          `a value does not open with secret key "${keyId}" (${context}): the key is another than the one that ` +
            "sealed it, or it is a changed or moved value; hakika doctor says which",
        );
      }
    },
  };
}

/** SHA-256 of a token that only has to be recognised. Tokens are random, so neither salt nor stretching is needed. */
export function hashToken(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** Compares in constant time, whatever the lengths. */
export function constantTimeEqual(a: string | Uint8Array, b: string | Uint8Array): boolean {
  return timingSafeEqual(createHash("sha256").update(a).digest(), createHash("sha256").update(b).digest());
}

function parse(sealed: string): { keyId: string; bytes: Buffer } {
  const [, keyId, base64] = /^v1:([\w-]{1,32}):([\w-]+)$/.exec(sealed) ?? [];
  const bytes = Buffer.from(base64 ?? "", "base64url");
  if (keyId === undefined || bytes.length < nonceBytes + tagBytes) throw new Error("not a sealed value");
  return { keyId, bytes };
}

function boundTo(keyId: string, context: string): Buffer {
  return Buffer.from(`v1:${keyId}:${context}`, "utf8");
}
