import { hmacProof, isSameSecret } from "../kit/hmac-proof.ts";
import type { CallbackProof } from "../proof.ts";

/**
 * Version 3 sends the secret hash itself (`verif-hash`). Version 4 signs with it (`flutterwave-signature`); one of its
 * guides says that this header is the plain hash too, so either is taken.
 */
export function verifyHash(
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
  secretHash: string | undefined,
): CallbackProof {
  const hash = secretHash?.trim() ?? "";
  const sent = ["verif-hash", "flutterwave-signature"].flatMap(name => headers[name]?.trim() || []);
  if (hash === "" || sent.length === 0) return "absent";
  if (sent.some(text => isSameSecret(text, hash))) return "signed";
  const signature = headers["flutterwave-signature"];
  const form = { algorithm: "sha256", encoding: "base64" } as const;
  return hmacProof(body, signature, hash, form) === "signed" ? "signed" : "refused";
}
