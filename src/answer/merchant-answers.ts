import { z } from "zod";
import { rejectionCodes, type ValidationVerdict } from "../providers/provider.ts";

/** What a merchant's answer says, or why it cannot be used. */
export type MerchantAnswer<T> = { ok: true; value: T } | { ok: false; problem: string };

const verdict = z.object({ accept: z.boolean(), code: z.string().nullish() });
const message = z.object({ message: z.string(), end: z.boolean().default(false) });

/** Reads `{"accept": bool, "code"?: text}`. An unknown code becomes C2B00016 ("other error"). */
export function readVerdict(body: string): MerchantAnswer<ValidationVerdict> {
  const read = verdict.safeParse(jsonOf(body));
  if (!read.success) return { ok: false, problem: "the merchant's answer has no accept that is true or false" };
  const { accept, code } = read.data;
  if (accept) return { ok: true, value: { accept } };
  return { ok: true, value: { accept, code: rejectionCodes.find(known => known === code) ?? "C2B00016" } };
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
