import { createHmac } from "node:crypto";
import type { Credentials } from "../provider.ts";

/**
 * Kyanda's `signature`: lower-case hex HMAC-SHA256 over the values joined without a separator, keyed with the security
 * key. That is the API key [doc, 2026], unless the connection has a `secret` of its own.
 */
export function signatureOf(credentials: Credentials, ...values: string[]): string {
  const key = credentials.secret?.trim() || (credentials.api_key ?? "").trim();
  return createHmac("sha256", key).update(values.join("")).digest("hex");
}
