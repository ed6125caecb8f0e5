import type { ParsedBody } from "../provider.ts";
import { quoteLongNumbers } from "./exact-numbers.ts";
import { isObject } from "./fields.ts";
import { formLimitProblem, jsonLimitProblem, openingOf } from "./json-limits.ts";

/**
 * Understands a body as far as it goes: a JSON object, whatever the Content-Type says, or a form where `formsAllowed`.
 * Anything else is unparsable, with a message that repeats nothing of it.
 *
 * - A byte that is no UTF-8 reads as U+FFFD: a broken letter in a payer's name must not lose the payment. Ids refuse
 * it.
 * - A byte order mark is skipped. Of keys given twice the last counts. `__proto__` is a key like any other: JSON.parse
 * makes it an own property, and a form's object has no prototype.
 * - Numbers of more than 15 digits are kept as text with the digits that were sent (see exact-numbers.ts).
 * - Size is the receiver's to bound. A body that nests too deep or has too many values is not parsed at all.
 */
export function parseBody(bytes: Uint8Array, contentType: string, formsAllowed: boolean): ParsedBody {
  const opening = openingOf(bytes);
  // Before anything costs a copy of the body. What begins otherwise is looked at once its white space is known.
  const early = opening === null ? null : jsonLimitProblem(bytes);
  if (early !== null) return { ...unparsable(early), mayBeObject: opening === "{" };
  // Made per call: a decoder that is shared could keep state; making one costs nothing visible.
  const text = new TextDecoder("utf-8").decode(bytes).trim();
  if (text === "") return unparsable("The body is empty.");
  const mayBeForm = formsAllowed && !contentType.toLowerCase().startsWith("multipart/") && !/^[{["<]/.test(text);
  const isForm = mayBeForm && text.includes("=");
  const problem = isForm ? formLimitProblem(bytes) : opening === null ? jsonLimitProblem(bytes) : null;
  if (problem !== null) return { ...unparsable(problem), mayBeObject: isForm || text.startsWith("{") };
  if (isForm) return { kind: "object", value: parseForm(text) };
  const json = parseJson(text);
  if (!json.ok) return unparsable(formsAllowed ? "The body is neither JSON nor a form." : "The body is not JSON.");
  if (!isObject(json.value)) return unparsable(`The body is JSON, but ${article(json.value)} instead of an object.`);
  return { kind: "object", value: json.value };
}

function parseJson(text: string): { ok: true; value: unknown } | { ok: false } {
  try {
    const value: unknown = JSON.parse(text);
    return { ok: true, value: /[\d.]{16}/.test(text) ? JSON.parse(quoteLongNumbers(text)) : value };
  } catch {
    return { ok: false };
  }
}

function parseForm(text: string): Record<string, unknown> {
  const form = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of new URLSearchParams(text)) form[name] = value;
  return form;
}

function unparsable(message: string): Extract<ParsedBody, { kind: "unparsable" }> {
  return { kind: "unparsable", problem: { path: "", message } };
}

function article(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : `a ${typeof value}`;
}
