import { createHmac, timingSafeEqual } from "node:crypto";
import type { CallbackProof } from "../proof.ts";

/** How a provider writes the HMAC of a body. */
type HmacForm = { algorithm: "sha256" | "sha512"; encoding: "hex" | "base64" };

/** The HMAC of bytes, as the provider writes it. */
export function hmacOf(bytes: Uint8Array, key: string, { algorithm, encoding }: HmacForm): string {
  return createHmac(algorithm, key).update(bytes).digest(encoding);
}

/**
 * Whether `sent`, the value of a header, is the HMAC of the exact bytes. `absent` where the header is missing, or the
 * connection has no key to check it with.
 */
export function hmacProof(
  bytes: Uint8Array,
  sent: string | undefined,
  key: string | undefined,
  form: HmacForm,
): CallbackProof {
  const text = sent?.trim() ?? "";
  const ownKey = key?.trim() ?? "";
  if (text === "" || ownKey === "") return "absent";
  const written = form.encoding === "hex" ? text.toLowerCase() : text;
  return isSameSecret(written, hmacOf(bytes, ownKey, form)) ? "signed" : "refused";
}

/** Compares in a time that tells nothing of where two texts differ. */
export function isSameSecret(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
