import { quoteLongNumbers } from "../kit/exact-numbers.ts";
import { fieldsOf, isObject, listOf } from "../kit/fields.ts";
import { idOf, textOf } from "../kit/text.ts";

/**
 * What people need beside the receipt, and the names it goes by. A voucher's PIN and serial are in no document: their
 * names are guesses, and a wrong guess costs a look at the raw body.
 */
const names = {
  tokens: ["tokens", "token"],
  units: ["units", "unit"],
  telco_reference: ["Telco Reference", "telcoReference", "telco_reference"],
  pin: ["pin", "voucher", "voucherPin", "voucher_pin"],
  serial: ["serial", "serialNumber", "serial_number", "serialNo"],
} as const;

/**
 * An IPN's `details` as one flat object, whatever they came as: object, list of objects or texts, JSON text, form keys,
 * null.
 */
export function detailsOf(body: Record<string, unknown>): Record<string, unknown> {
  const sent = fieldsOf(body)("details") ?? bracketed(body);
  const parts = listOf(typeof sent === "string" ? fromText(sent) : sent);
  return Object.fromEntries(
    parts.flatMap((part, at) => (isObject(part) ? Object.entries(part) : [[`part_${at + 1}`, part]])),
  );
}

/**
 * The biller's receipt: `biller_Receipt`, `biller_receiptNo`, or within a sentence such as "Biller Receipt No:
 * RA124646488" (documented in `details.one`, looked for in every text).
 */
export function receiptOf(details: Record<string, unknown>): string | null {
  const named = textOf(
    fieldsOf(details)("biller_Receipt", "biller_receiptNo", "biller_receipt_no", "receipt", "receiptNo"),
  );
  if (named !== null) return receiptInSentence(named) ?? idOf(named);
  // Sorted, so that the order of keys decides nothing.
  const sentences = Object.keys(details)
    .sort()
    .map(name => receiptInSentence(textOf(details[name]) ?? ""));
  return sentences.find(receipt => receipt !== null) ?? null;
}

/** The details people need, as they were sent. */
export function namedDetails(details: Record<string, unknown>): Record<keyof typeof names, unknown> {
  const field = fieldsOf(details);
  return {
    tokens: field(...names.tokens),
    units: field(...names.units),
    telco_reference: field(...names.telco_reference),
    pin: field(...names.pin),
    serial: field(...names.serial),
  };
}

function fromText(text: string): unknown {
  try {
    if (typeof JSON.parse(text) !== "object") return [text];
    // Tokens have twenty digits, more than a JSON number keeps.
    return JSON.parse(quoteLongNumbers(text));
  } catch {
    return [text];
  }
}

/** PHP's way to post nested values in a form: `details[tokens]=…`. */
function bracketed(body: Record<string, unknown>): Record<string, unknown> {
  const named = Object.entries(body).flatMap(([key, value]) => {
    const name = /^details\[([^[\]]{1,60})\]$/i.exec(key)?.[1];
    return name === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(named);
}

function receiptInSentence(sentence: string): string | null {
  // One space at most between the words, so that the pattern has nothing to try twice. A receipt has a digit; "receipt
  // pending" has none.
  const spaced = sentence.replace(/\s+/g, " ");
  return /receipt ?(?:number|no)?\.? ?[:#-]? ?(?=[a-z]*\d)([a-z0-9]{4,40})\b/i.exec(spaced)?.[1] ?? null;
}
