import { Cron } from "croner";
import { z } from "zod";
import { parseRange } from "../egress/address.ts";

/** A whole number between two bounds, as text. `message` says what is allowed. */
export function whole(min: number, max: number, message: string) {
  return z
    .string()
    .regex(/^\d{1,6}$/, message)
    .transform(Number)
    .refine(value => value >= min && value <= max, message);
}

/** Whether a text is a cron expression that will come due. */
export function isCron(text: string): boolean {
  try {
    return new Cron(text, { paused: true, mode: "5-or-6-parts", timezone: "UTC" }).nextRun() !== null;
  } catch {
    return false;
  }
}

/** Whether a text is the name of a time zone that this Node knows. */
export function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: text });
    return !/^[+-]/.test(text);
  } catch {
    return false;
  }
}

/** The items of a list with commas. */
export function listOf(text: string): string[] {
  return text
    .split(",")
    .map(item => item.trim())
    .filter(item => item !== "");
}

/** A list of CIDRs. */
export const ranges = z.string().transform((text, ctx) =>
  listOf(text).flatMap(item => {
    const range = parseRange(item);
    if (range === null)
      ctx.addIssue(`write CIDRs separated by commas, such as 10.0.0.0/8,fd00::/8 ("${item}" is none)`);
    return range ?? [];
  }),
);
