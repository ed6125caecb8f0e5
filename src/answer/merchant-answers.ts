import { z } from "zod";
import type { RejectionReason, ValidationVerdict } from "../providers/decision.ts";

/** What a merchant's answer says, or why it cannot be used. */
export type MerchantAnswer<T> = { ok: true; value: T } | { ok: false; problem: string };

const verdict = z.object({ accept: z.boolean(), code: z.string().nullish() });
const message = z.object({ message: z.string(), end: z.boolean().default(false) });

/**
 * Reads `{"accept": bool, "code"?: text}`; `codes` are the provider's. A rejection with an unknown code has the reason
 * `other`.
 */
export function readVerdict(
  body: string,
  codes: Readonly<Record<string, RejectionReason>>,
): MerchantAnswer<ValidationVerdict> {
  const read = verdict.safeParse(jsonOf(body));
  if (!read.success) return { ok: false, problem: "the merchant's answer has no accept that is true or false" };
  const { accept, code } = read.data;
  if (accept) return { ok: true, value: { accept } };
  const reason = code != null && Object.hasOwn(codes, code) ? codes[code]! : "other";
  return { ok: true, value: { accept, reason } };
}

/** Reads `{"message": text, "end": bool}`, or a text that begins with `CON` or `END`, whatever the Content-Type. */
export function readMessage(body: string): MerchantAnswer<{ message: string; end: boolean }> {
  const plain = /^\s*(CON|END)\s+(.*)$/s.exec(body);
  if (plain) return { ok: true, value: { message: plain[2]!, end: plain[1] === "END" } };
  const read = message.safeParse(jsonOf(body));
  if (read.success) return { ok: true, value: read.data };
  return { ok: false, problem: "the merchant's answer has neither a message nor begins with CON or END" };
}

function jsonOf(text: string): unknown {
  try {
    // Trimming removes a byte order mark as well.
    return JSON.parse(text.trim());
  } catch {
    return undefined;
  }
}
