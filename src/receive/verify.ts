import { createHmac, timingSafeEqual } from "node:crypto";
import type { Verification } from "../connections/verification.ts";
import { isCovered, parseRange } from "../egress/address.ts";
import type { FieldProblem } from "../providers/provider.ts";

export type VerifyInput = { headers: Record<string, string>; body: Buffer; address: string };

/** `signed`: a signature was verified, so what the callback says is worth more. `addressWarning` is for the log (mode `log`). */
export type Verified =
  | { ok: true; strength: "hint" | "signed"; addressWarning: boolean }
  | { ok: false; status: 401 | 403; problem: FieldProblem };

/** Checks a request against its connection's `verification`, address first. Secrets are compared in constant time. */
export function verify(verification: Verification, input: VerifyInput): Verified {
  const { address, signature, basic, header } = verification;
  const fromElsewhere = address.mode !== "off" && !isCovered(input.address, rangesOf(address.ranges));
  if (fromElsewhere && address.mode === "enforce") {
    return refused(403, "address", `The address ${input.address} is not in the connection's list.`);
  }
  if (basic && !sameText(basicSent(input.headers.authorization), basicExpected(basic))) {
    return refused(401, "headers.authorization", "The user name or password is not the connection's.");
  }
  if (header && !sameText(input.headers[header.name.toLowerCase()] ?? "", header.value)) {
    return refused(401, `headers.${header.name.toLowerCase()}`, "The header's value is not the connection's.");
  }
  if (signature && !signatureHolds(signature, input)) {
    return refused(401, `headers.${signature.header.toLowerCase()}`, "The signature does not fit the body.");
  }
  return { ok: true, strength: signature ? "signed" : "hint", addressWarning: fromElsewhere };
}

/** Names of headers that carry a connection's secrets; they are kept as `[verified]`. */
export function secretHeaders(verification: Verification): string[] {
  const { signature, basic, header } = verification;
  return [
    ...(signature ? [signature.header.toLowerCase()] : []),
    ...(header ? [header.name.toLowerCase()] : []),
    ...(basic ? ["authorization"] : []),
  ];
}

function refused(status: 401 | 403, path: string, message: string): Verified {
  return { ok: false, status, problem: { path, message } };
}

function signatureHolds(signature: NonNullable<Verification["signature"]>, { headers, body }: VerifyInput): boolean {
  const given = headers[signature.header.toLowerCase()]?.trim() ?? "";
  const prefix = signature.prefix ?? "";
  if (!given.startsWith(prefix)) return false;
  const expected = createHmac(signature.algorithm, signature.secret).update(body).digest(signature.encoding);
  const text = given.slice(prefix.length);
  return sameText(signature.encoding === "hex" ? text.toLowerCase() : text, expected);
}

function basicExpected({ username, password }: { username: string; password: string }): string {
  return Buffer.from(`${username}:${password}`).toString("base64");
}

/** The scheme's letter case does not matter, and spaces may follow it (RFC 9110, section 11.4). Empty where there is none. */
function basicSent(header: string | undefined): string {
  return /^basic +(\S+)$/i.exec(header?.trim() ?? "")?.[1] ?? "";
}

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

function rangesOf(texts: string[]) {
  return texts.flatMap(text => parseRange(text) ?? []);
}
