import type { CallFailure, ProviderResponse } from "../call.ts";
import { parseBody } from "./parse-body.ts";
import { retryAfterS } from "./retry-after.ts";
import { reasonOf, refusedCall, type Said, saidIn } from "./said.ts";

/** The answer's JSON object; null for HTML, text, lists and nothing at all. Never throws. */
export function jsonObjectOf(answer: ProviderResponse): Record<string, unknown> | null {
  const parsed = parseBody(answer.body, "application/json", false);
  return parsed.kind === "object" ? parsed.value : null;
}

/** The answer's JSON list; null for anything else. Never throws. */
export function jsonListOf(answer: ProviderResponse): unknown[] | null {
  const wrapped = Buffer.concat([Buffer.from('{"list":'), answer.body, Buffer.from("}")]);
  const parsed = parseBody(wrapped, "application/json", false);
  return parsed.kind === "object" && Array.isArray(parsed.value.list) ? parsed.value.list : null;
}

/** Whether the server says that the call worked; what it was about is the body's word. */
export function isOk(answer: ProviderResponse): boolean {
  return answer.status >= 200 && answer.status < 300;
}

/**
 * What the HTTP status alone says is in the way; null where the body has the word (2xx, and the 4xx that are about the
 * request).
 * `bearer`: a 401 refuses the token, and a new one may help.
 */
export function failureByStatus(answer: ProviderResponse, now: Date, bearer: boolean): CallFailure | null {
  const { status } = answer;
  if (status === 429) return throttled(answer, now);
  if (status === 401 || status === 403) {
    return { kind: "credentials-refused", token: bearer && status === 401, reason: reasonOf(status, saidIn(answer)) };
  }
  if (status >= 500 || status === 408) return unavailable(withStatus(status, saidIn(answer)));
  // Nothing follows redirects: a secret would go where it was not configured to go.
  if (status >= 300 && status < 400) return unavailable(`HTTP ${status}, a redirect`);
  return null;
}

/** What an answer without a usable body means: a 4xx refuses the call, anything else is a server that is unwell. */
export function withoutBody(answer: ProviderResponse): CallFailure {
  return answer.status >= 400 && answer.status < 500
    ? refusedCall(answer)
    : unavailable(`HTTP ${answer.status} without a JSON object`);
}

function withStatus(status: number, said: Said): string {
  const reason = reasonOf(status, said);
  return said.code === null ? reason : `HTTP ${status}, ${reason}`;
}

export function throttled(answer: ProviderResponse, now: Date): CallFailure {
  return { kind: "throttled", retryAfterS: retryAfterS(answer.headers, now) };
}

export function unavailable(reason: string): CallFailure {
  return { kind: "unavailable", reason };
}
