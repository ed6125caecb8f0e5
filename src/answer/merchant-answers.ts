import { z } from "zod";
import type { RejectionReason, ValidationVerdict } from "../providers/decision.ts";

/** What a merchant said, or why that cannot be used. */
export type MerchantAnswer<T> = { ok: true; value: T } | { ok: false; problem: string };

const verdict = z.object({ accept: z.boolean(), code: z.string().nullish() });
const message = z.object({ message: z.string(), end: z.boolean().default(false) });

/** `{"accept": bool, "code"?: text}`, the code being one of the provider's `codes`. A rejection with an unknown code is still one. */
export function readVerdict(
  { body }: { body: string },
  codes: Readonly<Record<string, RejectionReason>>,
): MerchantAnswer<ValidationVerdict> {
  const read = verdict.safeParse(jsonOf(body));
  if (!read.success) return { ok: false, problem: "the merchant's answer has no accept that is true or false" };
  const { accept, code } = read.data;
  if (accept) return { ok: true, value: { accept } };
  const reason = code != null && Object.hasOwn(codes, code) ? codes[code]! : "other";
  return { ok: true, value: { accept, reason } };
}

/** `{"message": text, "end": bool}`, or a text that begins with `CON` or `END`, whatever its Content-Type says. */
export function readMessage({ body }: { body: string }): MerchantAnswer<{ message: string; end: boolean }> {
  const plain = /^\s*(CON|END)\s+(.*)$/s.exec(body);
  if (plain) return { ok: true, value: { message: plain[2]!, end: plain[1] === "END" } };
  const read = message.safeParse(jsonOf(body));
  if (read.success) return { ok: true, value: read.data };
  return { ok: false, problem: "the merchant's answer has neither a message nor begins with CON or END" };
}

function jsonOf(text: string): unknown {
  try {
    // Trimming takes a byte order mark away, too.
    return JSON.parse(text.trim());
  } catch {
    return undefined;
  }
}
