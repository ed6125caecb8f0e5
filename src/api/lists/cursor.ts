import { z } from "zod";

/** Where a list goes on: the id of the last row given, as 22 opaque characters. */
export function cursorOf(uuid: string): string {
  return Buffer.from(uuid.replaceAll("-", ""), "hex").toString("base64url");
}

/** The UUID below which a list goes on; null for what is no cursor. */
export function parseCursor(text: string): string | null {
  if (!/^[\w-]{22}$/.test(text)) return null;
  const bytes = Buffer.from(text, "base64url");
  if (bytes.toString("base64url") !== text) return null;
  const parts = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(bytes.toString("hex"))!.slice(1);
  return parts.join("-");
}

export const cursorInput = z
  .string()
  .meta({ description: "`next_cursor` of the page before" })
  .transform((text, ctx) => {
    const before = parseCursor(text);
    if (before !== null) return before;
    ctx.addIssue("is not a cursor: send next_cursor as it was given, or leave it out to begin anew");
    return z.NEVER;
  });
