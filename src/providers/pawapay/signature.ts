import { createHash, createPublicKey, verify } from "node:crypto";
import type { CallbackProof, PublishedKeys, ReceivedCallback } from "../proof.ts";
import { type SignatureInput, signatureInputs } from "./signature-input.ts";

/** A signature is good for so long after it expired: callbacks wait in queues, and clocks differ. */
const graceMs = 5 * 60_000;

/** What has to be signed: else a signature could be used for another body, or for another connection's URL. */
const needed = ["@method", "@authority", "@path", "content-digest"];

/**
 * Checks an HTTP message signature (RFC 9421) over ECDSA P-256. pawaPay's is in DER, which the RFC does not use; the
 * RFC's own form is accepted too.
 */
export function verifySignature(callback: ReceivedCallback, keys: PublishedKeys): CallbackProof {
  const { headers } = callback;
  if (!headers.signature?.trim()) return "absent";
  const inputs = signatureInputs(headers["signature-input"] ?? "", headers.signature);
  if (!hasDigest(callback)) return "refused";
  const usable = inputs.filter(input => mayHold(input, callback.receivedAt));
  if (usable.some(input => holds(input, callback, keys))) return "signed";
  return usable.some(({ keyId }) => !Object.hasOwn(keys, keyId)) ? "unknown-key" : "refused";
}

type UsableInput = SignatureInput & { keyId: string };

/** Whether the key decides: a signature over too little, or one that expired, holds with no key. */
function mayHold(input: SignatureInput, receivedAt: Date): input is UsableInput {
  const { components, keyId, algorithm, until } = input;
  if (keyId === null || !needed.every(name => components.includes(name))) return false;
  if (algorithm !== null && algorithm !== "ecdsa-p256-sha256") return false;
  return until !== null && until * 1000 + graceMs >= receivedAt.getTime();
}

function holds({ components, params, signature, keyId }: UsableInput, callback: ReceivedCallback, keys: PublishedKeys) {
  const pem = Object.hasOwn(keys, keyId) ? keys[keyId]! : null;
  const base = baseOf(components, params, callback);
  if (pem === null || base === null) return false;
  try {
    const key = createPublicKey(pem);
    const bytes = Buffer.from(base);
    return (
      verify("sha256", bytes, key, signature) || verify("sha256", bytes, { key, dsaEncoding: "ieee-p1363" }, signature)
    );
  } catch {
    // A key that is none, or of another type.
    return false;
  }
}

/** The signature base (RFC 9421, section 2.5); null where a component is missing. */
function baseOf(components: string[], params: string, callback: ReceivedCallback): string | null {
  const lines: string[] = [];
  for (const name of components) {
    const value = componentValue(name, callback);
    if (value === null) return null;
    lines.push(`"${name}": ${value}`);
  }
  return [...lines, `"@signature-params": ${params}`].join("\n");
}

function componentValue(name: string, { method, url, headers }: ReceivedCallback): string | null {
  const { host, pathname, search, protocol } = new URL(url);
  switch (name) {
    case "@method":
      return method;
    case "@authority":
      return host;
    case "@path":
      return pathname;
    case "@query":
      return search === "" ? "?" : search;
    case "@scheme":
      return protocol.replace(":", "");
    case "@target-uri":
      return url;
    default:
      return Object.hasOwn(headers, name) ? headers[name]!.trim() : null;
  }
}

/** Whether `Content-Digest` (RFC 9530) is that of the body. */
function hasDigest({ headers, body }: ReceivedCallback): boolean {
  const digests = [...(headers["content-digest"] ?? "").slice(0, 1000).matchAll(/(sha-256|sha-512)=:([\w+/=]+):/g)];
  return (
    digests.length > 0 &&
    digests.every(([, name, digest]) => createHash(name!.replace("-", "")).update(body).digest("base64") === digest)
  );
}
