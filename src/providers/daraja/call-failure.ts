import type { CallFailure, ProviderResponse } from "../call.ts";
import { fieldsAt, fieldsOf, isObject } from "../kit/fields.ts";
import { failureByStatus, jsonObjectOf, throttled, unavailable, withoutBody } from "../kit/response.ts";
import { safeText } from "../kit/safe-text.ts";
import { reasonOf, refusedCall, type Said } from "../kit/said.ts";
import { textOf } from "../kit/text.ts";

/** A code and a text, out of whichever envelope they came in. The code is empty where there is none. */
export type ErrorCode = { code: string; message: string };

/** Still working on it, or broken, or misconfigured: five meanings under one code; the message says which. */
export const ambiguousCode = "500.001.1001";

type Meaning = "throttled" | "token" | "product";

/** Codes that say the same on every call. Lower case. */
const meaningByCode = {
  "500.003.02": "throttled",
  "500.003.03": "throttled",
  "policies.ratelimit.spikearrestviolation": "throttled",
  "policies.ratelimit.quotaviolation": "throttled",
  "400.003.01": "token",
  "401.002.01": "token",
  "401.003.01": "token",
  "404.001.03": "token",
  "keymanagement.service.invalid_access_token": "token",
  "keymanagement.service.access_token_expired": "token",
  // Seen: the app was made without the product of this call; no token helps.
  "keymanagement.service.invalidapicallasnoapiproductmatchfound": "product",
} as const satisfies Record<string, Meaning>;

/**
 * Reads Daraja's error envelopes: `{requestId, errorCode, errorMessage}`, Apigee's `{fault: {faultstring, detail:
 * {errorcode}}}` and a SOAP fault as JSON. Null where the body has none of them; the fourth, HTML or nothing, has no
 * object at all.
 */
export function errorCodeIn(body: Record<string, unknown>): ErrorCode | null {
  const field = fieldsOf(body);
  const [code, message] = [textOf(field("errorCode")), textOf(field("errorMessage"))];
  if (code !== null || message !== null) return { code: code ?? "", message: message ?? "" };
  const fault = faultIn(body);
  if (fault === null) return null;
  const detail = fieldsAt(fault, "detail");
  return {
    code: textOf(detail("errorcode")) ?? textOf(fieldsOf(fault)("faultcode")) ?? "",
    message: textOf(fieldsOf(fault)("faultstring")) ?? "",
  };
}

/** Why a Daraja call has no usable answer; null where it has one. */
export function callFailureIn(answer: ProviderResponse, now: Date): CallFailure | null {
  const body = jsonObjectOf(answer);
  const refusal = body && errorCodeIn(body);
  const meaning = refusal && meaningOf(refusal);
  if (meaning === "throttled") return throttled(answer, now);
  if (meaning === "token") return { kind: "credentials-refused", token: true, reason: wordsOf(answer, refusal!) };
  if (meaning === "product") {
    const reason = `the Daraja app lacks the product of this call (${wordsOf(answer, refusal!)})`;
    return { kind: "credentials-refused", token: false, reason };
  }
  // Seen: a firewall answers a burst with 403 on every call, right or wrong. It says nothing of the credentials.
  if (answer.status === 403) return refusedBy(answer, refusal);
  if (answer.status >= 500 && refusal?.code === ambiguousCode) return null;
  const failure = failureByStatus(answer, now, true);
  if (failure) return refusal && failure.kind === "unavailable" ? withCode(answer, refusal) : failure;
  return body === null ? withoutBody(answer) : null;
}

/** A refusal with Daraja's own code and words. */
export function refusedBy(answer: ProviderResponse, refusal: ErrorCode | null): CallFailure {
  return refusal === null ? refusedCall(answer) : refusedCall(answer, saidOf(refusal));
}

function wordsOf(answer: ProviderResponse, refusal: ErrorCode): string {
  return reasonOf(answer.status, saidOf(refusal));
}

function saidOf({ code, message }: ErrorCode): Said {
  return { code: code === "" ? null : code, words: safeText(message) };
}

function meaningOf({ code, message }: ErrorCode): Meaning | null {
  const known = code.toLowerCase();
  if (Object.hasOwn(meaningByCode, known)) return meaningByCode[known as keyof typeof meaningByCode];
  return /spike arrest|quota violation/i.test(message) ? "throttled" : null;
}

function withCode(answer: ProviderResponse, refusal: ErrorCode): CallFailure {
  const words = wordsOf(answer, refusal);
  return unavailable(refusal.code === "" ? words : `HTTP ${answer.status}, ${words}`);
}

/** SOAP's `Envelope.Body.Fault` whatever the prefixes, or a fault at the root. */
function faultIn(value: Record<string, unknown>, depth = 0): Record<string, unknown> | null {
  for (const [key, inner] of Object.entries(value)) {
    const name = key.slice(key.indexOf(":") + 1).toLowerCase();
    if (!isObject(inner)) continue;
    if (name === "fault") return inner;
    const found = depth < 2 && (name === "envelope" || name === "body") ? faultIn(inner, depth + 1) : null;
    if (found) return found;
  }
  return null;
}
