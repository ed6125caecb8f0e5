import type { Verification } from "../connections/verification.ts";
import { isCovered, parseRange } from "../egress/address.ts";
import { hmacOf, isSameSecret } from "../providers/kit/hmac-proof.ts";
import type { FieldProblem } from "../providers/provider.ts";
import type { CallbackRequest } from "./arrival.ts";

/** The parts of a request that a verification may check. `address`: the client's. */
export type VerifyInput = { headers: Record<string, string>; body: Buffer; address: string } & Pick<
  CallbackRequest,
  "isForwardedForIgnored"
>;

/**
 * `strength`: `signed` where a signature was verified, which makes stronger evidence. `addressWarning`: the address is
 * not listed, and the mode is `log`.
 */
export type Verified =
  | { ok: true; strength: "hint" | "signed"; addressWarning: boolean }
  | { ok: false; status: 401 | 403; problem: FieldProblem };

/** Checks a request against its connection's `verification`, address first. Secrets are compared in constant time. */
export function verify(verification: Verification, input: VerifyInput): Verified {
  const { address, signature, basic, header } = verification;
  const isUnlisted = address.mode !== "off" && !isCovered(input.address, rangesOf(address.ranges));
  if (isUnlisted && address.mode === "enforce") {
    return refused(403, "address", unlisted(input));
  }
  if (basic && !isSameSecret(sentBasic(input.headers.authorization), expectedBasic(basic))) {
    return refused(401, "headers.authorization", "The user name or password is not the connection's.");
  }
  if (header && !isSameSecret(input.headers[header.name.toLowerCase()] ?? "", header.value)) {
    return refused(401, `headers.${header.name.toLowerCase()}`, "The header's value is not the connection's.");
  }
  if (signature && !signatureHolds(signature, input)) {
    return refused(401, `headers.${signature.header.toLowerCase()}`, "The signature does not fit the body.");
  }
  return { ok: true, strength: signature ? "signed" : "hint", addressWarning: isUnlisted };
}

/** For the operator: behind a proxy every callback has the proxy's address, unless the proxy is trusted. */
function unlisted({ address, isForwardedForIgnored }: VerifyInput): string {
  const problem = `The address ${address} is not in the connection's list.`;
  if (!isForwardedForIgnored) return problem;
  return (
    `${problem} The request has an X-Forwarded-For header, which does not count while HAKIKA_TRUSTED_PROXIES is ` +
    "empty: if a proxy of yours sent it, set that variable to the proxy's address."
  );
}

function refused(status: 401 | 403, path: string, message: string): Verified {
  return { ok: false, status, problem: { path, message } };
}

function signatureHolds(signature: NonNullable<Verification["signature"]>, { headers, body }: VerifyInput): boolean {
  const sent = headers[signature.header.toLowerCase()]?.trim() ?? "";
  const prefix = signature.prefix ?? "";
  if (!sent.startsWith(prefix)) return false;
  const expected = hmacOf(body, signature.secret, signature);
  const text = sent.slice(prefix.length);
  return isSameSecret(signature.encoding === "hex" ? text.toLowerCase() : text, expected);
}

function expectedBasic({ username, password }: { username: string; password: string }): string {
  return Buffer.from(`${username}:${password}`).toString("base64");
}

/**
 * The credentials of a Basic header, or an empty text. The scheme may have any letter case (RFC 9110, section 11.4).
 */
function sentBasic(header: string | undefined): string {
  return /^basic +(\S+)$/i.exec(header?.trim() ?? "")?.[1] ?? "";
}

function rangesOf(texts: string[]) {
  return texts.flatMap(text => parseRange(text) ?? []);
}
