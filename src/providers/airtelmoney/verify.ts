import { isObject } from "../kit/fields.ts";
import { hmacOf, isSameSecret } from "../kit/hmac-proof.ts";
import { parseBody } from "../kit/parse-body.ts";
import { textOf } from "../kit/text.ts";
import type { CallbackProof } from "../proof.ts";

const form = { algorithm: "sha256", encoding: "base64" } as const;

/**
 * Checks `hash`, the base64 HMAC-SHA256 of the payload by the portal's key. How the payload is written is not
 * documented, so the likely forms are tried. One that fits is proof; none is no proof, and refuses nothing.
 */
export function verifyHash(
  bytes: Uint8Array,
  headers: Readonly<Record<string, string>>,
  callbackKey: string | undefined,
): CallbackProof {
  const key = callbackKey?.trim() ?? "";
  const parsed = parseBody(bytes, headers["content-type"] ?? "", false);
  if (key === "" || parsed.kind === "unparsable") return "absent";
  const { hash, ...payload } = parsed.value;
  const sent = textOf(hash);
  if (sent === null) return "absent";
  const fits = formsOf(payload).some(text => isSameSecret(sent, hmacOf(Buffer.from(text), key, form)));
  return fits ? "signed" : "absent";
}

/** The body without its hash, and the transaction alone. Both cover all that is read of a callback. */
function formsOf(payload: Record<string, unknown>): string[] {
  const { transaction } = payload;
  try {
    return [JSON.stringify(payload), ...(isObject(transaction) ? [JSON.stringify(transaction)] : [])];
  } catch {
    return [];
  }
}
