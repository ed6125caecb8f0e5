import { maskPhone } from "../domain/phone.ts";

/** An RFC 3339 time as `2026-11-20 10:30:05` (UTC). */
export function readableTime(text: string | null): string | null {
  return text === null ? null : text.slice(0, 19).replace("T", " ");
}

/** Money as `KES 1,500.00`. */
export function readableMoney({ amount, currency }: { amount: string | null; currency: string | null }): string | null {
  if (amount === null) return null;
  const [whole = "", cents] = amount.split(".");
  return `${currency} ${whole.replace(/\B(?=(\d{3})+$)/g, ",")}${cents === undefined ? "" : `.${cents}`}`;
}

/** A phone number, masked. */
export function readablePhone(phone: string | null): string | null {
  return phone === null ? null : maskPhone(phone);
}
