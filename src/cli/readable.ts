import { maskPhone } from "../domain/phone.ts";

/** `2026-11-20 10:30:05` (UTC) of an RFC 3339 time. */
export function readableTime(text: string | null): string | null {
  return text === null ? null : text.slice(0, 19).replace("T", " ");
}

/** `KES 1,500.00` */
export function readableMoney({ amount, currency }: { amount: string | null; currency: string | null }): string | null {
  if (amount === null) return null;
  const [whole = "", cents] = amount.split(".");
  return `${currency} ${whole.replace(/\B(?=(\d{3})+$)/g, ",")}${cents === undefined ? "" : `.${cents}`}`;
}

export function readablePhone(phone: string | null): string | null {
  return phone === null ? null : maskPhone(phone);
}
