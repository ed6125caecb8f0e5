import { minorDigits } from "./currencies.ts";

/** An exact amount: `minor` counts the currency's minor unit (cents of KES, whole UGX). Never negative. */
export type Money = { minor: bigint; currency: string };
export type ParsedMoney = { ok: true; money: Money } | { ok: false; message: string };

/** PostgreSQL's int8, where amounts are kept. */
const minorMax = 9_223_372_036_854_775_807n;
/** Far more than int8 has digits; a longer text is refused before any arithmetic. */
const amountCharsMax = 64;
/** A float64 keeps every decimal of up to 15 significant digits; a longer number may not be the one that was sent. */
const exactDigitsMax = 15;

const plain = /^(\d+)(?:\.(\d+))?$/;
const grouped = /^([1-9]\d{0,2}(?:,\d{3})+)(?:\.(\d+))?$/;

/**
 * Reads decimal text or a JSON number as exact money. `100.0000` is 100; more decimals than the currency has are
 * refused unless the excess is zeros. Messages say what is wrong and never repeat the value.
 */
export function parseAmount(value: unknown, currency: string): ParsedMoney {
  const code = currency.trim().toUpperCase();
  const digits = minorDigits(code);
  if (digits === null) return refused("the currency is not an ISO 4217 code");
  const text = decimalText(value);
  if (!text.ok) return text;
  const match = plain.exec(text.text) ?? grouped.exec(text.text);
  if (match === null) return refused(whyNot(text.text));
  const whole = match[1]!.replaceAll(",", "");
  const fraction = match[2] ?? "";
  if (/[1-9]/.test(fraction.slice(digits)))
    return refused(`${code} amounts have ${digits} decimals, this one has more`);
  const minor = BigInt(whole + fraction.slice(0, digits).padEnd(digits, "0"));
  if (minor > minorMax) return refused("the amount is too large");
  return { ok: true, money: { minor, currency: code } };
}

/**
 * Reads a whole number of fractions of the currency's main unit as exact money: with `digits` 2, the default, `8500000`
 * is 85,000.00. A provider may count hundredths of a currency that has no minor unit; then only whole main units are
 * money.
 */
export function parseMinorAmount(value: unknown, currency: string, digits: number = 2): ParsedMoney {
  const text = decimalText(value);
  if (!text.ok) return text;
  if (!/^\d+$/.test(text.text)) return refused(whyNot(text.text, "the amount is not a whole number of minor units"));
  const padded = text.text.padStart(digits + 1, "0");
  return parseAmount(digits === 0 ? padded : `${padded.slice(0, -digits)}.${padded.slice(-digits)}`, currency);
}

/** Reads currency and amount in one text, such as `KES 100.0000`. */
export function parseMoney(text: unknown): ParsedMoney {
  const match =
    typeof text === "string" ? /^\s*([A-Za-z]{3})\s+(\S+)\s*$/.exec(text.slice(0, 2 * amountCharsMax)) : null;
  if (match === null) return refused("not a currency and an amount, such as KES 100.00");
  return parseAmount(match[2], match[1]!);
}

/** Whether two amounts are equal in amount and currency. */
export function isSameMoney(a: Money, b: Money): boolean {
  return a.minor === b.minor && a.currency === b.currency;
}

/** The amount as decimal text with exactly the currency's minor digits: `"50.00"`, `"1500"` for UGX. */
export function formatMoney(money: Money): string {
  const digits = minorDigits(money.currency) ?? 0;
  const text = money.minor.toString().padStart(digits + 1, "0");
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** Minor units as decimal text with a sign: `-50.00`. */
export function formatSigned(minor: bigint, currency: string): string {
  return minor < 0n ? `-${formatMoney({ minor: -minor, currency })}` : formatMoney({ minor, currency });
}

function decimalText(value: unknown): { ok: true; text: string } | { ok: false; message: string } {
  if (typeof value === "number") return numberText(value);
  if (typeof value !== "string") return refused(value == null ? "the amount is missing" : "the amount is not a number");
  const text = value.trim();
  if (text === "") return refused("the amount is empty");
  if (text.length > amountCharsMax) return refused(`the amount is longer than ${amountCharsMax} characters`);
  return { ok: true, text };
}

function numberText(value: number): { ok: true; text: string } | { ok: false; message: string } {
  if (!Number.isFinite(value)) return refused("the amount is not a number");
  const text = String(value);
  if (text.includes("e"))
    return refused("the amount is too large or too small to be exact as a JSON number: send it as text");
  if (text.replace(/^-?0*\.?0*/, "").replace(".", "").length > exactDigitsMax)
    return refused(`the amount has more than ${exactDigitsMax} digits, not exact as a JSON number: send it as text`);
  return { ok: true, text };
}

function whyNot(text: string, otherwise = "the amount is not decimal digits"): string {
  if (text.startsWith("-")) return "the amount is negative";
  if (/^\d[\d.]*e[+-]?\d+$/i.test(text)) return "the amount has an exponent";
  if (/^[\d,.]+$/.test(text) && text.includes(",")) return "the amount's thousands are not well grouped";
  return otherwise;
}

function refused(message: string): { ok: false; message: string } {
  return { ok: false, message };
}
