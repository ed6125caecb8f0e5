import type { CallFailure, ProviderResponse } from "../call.ts";
import { fieldsOf } from "./fields.ts";
import { failureByStatus, isOk, jsonObjectOf, unavailable } from "./response.ts";
import { reasonOf, saidIn } from "./said.ts";
import { textOf } from "./text.ts";

/** What a header can carry; OAuth (RFC 6750) allows fewer characters still. */
const usable = /^[\x21-\x7e]{1,4096}$/;
/** A token that claims to live longer is renewed all the same. */
const expiresMaxS = 86_400;

/**
 * Reads an OAuth token answer, `{access_token, expires_in}`; `expires_in` is a number or a text. A 400 or 401 means the
 * credentials are wrong: no token was sent that could be.
 */
export function readBearerToken(
  answer: ProviderResponse,
  now: Date,
  expiresByDefaultS: number,
): { kind: "token"; token: string; expiresInS: number } | CallFailure {
  const failure = failureByStatus(answer, now, false);
  if (failure) return failure;
  if (!isOk(answer)) {
    return { kind: "credentials-refused", token: false, reason: reasonOf(answer.status, saidIn(answer)) };
  }
  const field = fieldsOf(jsonObjectOf(answer));
  const token = field("access_token");
  if (typeof token !== "string" || !usable.test(token)) return unavailable("the token answer has no access_token");
  return { kind: "token", token, expiresInS: expiryOf(textOf(field("expires_in")), expiresByDefaultS) };
}

function expiryOf(text: string | null, byDefaultS: number): number {
  if (text === null || !/^\d{1,9}(\.\d+)?$/.test(text)) return byDefaultS;
  return Math.min(Math.max(Math.floor(Number(text)), 1), expiresMaxS);
}
