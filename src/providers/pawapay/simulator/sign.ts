import { createHash, generateKeyPairSync, sign } from "node:crypto";

/** The key that the simulated pawaPay signs with, made for this process. */
const { publicKey, privateKey } = generateKeyPairSync("ec", {
  namedCurve: "P-256",
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});

export const keyId = "HTTP_EC_P256_KEY:1";
export const publicKeyPem = publicKey;

const lifeS = 60;

/** The headers that pawaPay signs a callback with, as it was sent to `url` at `at`. */
export function signatureHeaders(
  url: string,
  body: Uint8Array,
  at: Date,
  contentType = "application/json",
): Record<string, string> {
  const { host, pathname } = new URL(url);
  const digest = `sha-512=:${createHash("sha512").update(body).digest("base64")}:`;
  const date = at.toISOString();
  const created = Math.floor(at.getTime() / 1000);
  const params =
    '("@method" "@authority" "@path" "signature-date" "content-digest" "content-type")' +
    `;alg="ecdsa-p256-sha256";keyid="${keyId}";created=${created};expires=${created + lifeS}`;
  const base = [
    '"@method": POST',
    `"@authority": ${host}`,
    `"@path": ${pathname}`,
    `"signature-date": ${date}`,
    `"content-digest": ${digest}`,
    `"content-type": ${contentType}`,
    `"@signature-params": ${params}`,
  ].join("\n");
  const signature = sign("sha256", Buffer.from(base), privateKey).toString("base64");
  return {
    "content-type": contentType,
    "content-digest": digest,
    "signature-date": date,
    "signature-input": `sig-pp=${params}`,
    signature: `sig-pp=:${signature}:`,
  };
}
