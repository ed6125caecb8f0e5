import { constants, publicEncrypt } from "node:crypto";
import type { Credentials } from "../provider.ts";

/**
 * The `SecurityCredential` of calls that run as an initiator: as given, else `initiator_password` encrypted with
 * Safaricom's certificate (RSA, PKCS#1 v1.5, base64). Null where the certificate cannot be used. The padding is random:
 * no two are alike.
 */
export function securityCredential(credentials: Credentials): string | null {
  const given = credentials.security_credential?.trim();
  if (given) return given;
  const { initiator_password: password = "", certificate = "" } = credentials;
  try {
    const sealed = publicEncrypt({ key: certificate, padding: constants.RSA_PKCS1_PADDING }, Buffer.from(password));
    return sealed.toString("base64");
  } catch {
    // No PEM, no RSA key, or a password longer than the key: OpenSSL's own text may repeat what it was given.
    return null;
  }
}
