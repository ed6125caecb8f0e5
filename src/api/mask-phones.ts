import { isJsonObject } from "../domain/json.ts";
import { maskPhone } from "../domain/phone.ts";
import type { Caller } from "./caller.ts";
import type { ApiResponse } from "./response.ts";

/** Whether phones are masked in what this caller is answered. */
export function seesMaskedPhones(caller: Caller): boolean {
  return caller.kind === "operator" && caller.role === "viewer";
}

/** A phone in international form, anywhere in a text. */
const international = /\+\d{9,15}/g;
/** Members that hold a phone, in any form. */
const phoneMembers = /^(phone|phone_number|msisdn|party_a|party_b)$/i;
/** A number's end identifies it within its country, and is found in local forms and in providers' ids too. */
const endDigits = 9;

/** An answer with every phone masked: where a field names one, and wherever the same number stands beside it. */
export function withMaskedPhones(response: ApiResponse): ApiResponse {
  return response.kind === "json" ? { ...response, body: maskPhonesIn(response.body) } : response;
}

/** A JSON object with every phone masked. */
export function maskPhonesIn(body: Record<string, unknown>): Record<string, unknown> {
  const ends = new Set<string>();
  collectEnds(body, ends);
  return masked(body, ends) as Record<string, unknown>;
}

function collectEnds(value: unknown, ends: Set<string>): void {
  if (typeof value === "string") {
    for (const [phone] of value.matchAll(international)) ends.add(phone.slice(-endDigits));
    return;
  }
  if (Array.isArray(value)) for (const item of value) collectEnds(item, ends);
  if (!isJsonObject(value)) return;
  for (const [name, member] of Object.entries(value)) {
    const digits = phoneMembers.test(name) ? String(member).replace(/\D/g, "") : "";
    if (digits.length >= endDigits) ends.add(digits.slice(-endDigits));
    collectEnds(member, ends);
  }
}

function masked(value: unknown, ends: ReadonlySet<string>): unknown {
  if (typeof value === "string") return maskedText(value, ends);
  if (Array.isArray(value)) return value.map(item => masked(item, ends));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, masked(member, ends)]));
}

function maskedText(text: string, ends: ReadonlySet<string>): string {
  let result = text;
  for (const end of ends) {
    const pattern = new RegExp(`\\+?\\d{0,6}${end}`, "g");
    result = result.replace(pattern, maskPhone);
  }
  return result;
}
