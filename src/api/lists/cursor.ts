import { z } from "zod";

/** The cursor of the next page: the id of the last row of this page, as 22 opaque characters. */
export function cursorOf(uuid: string): string {
  return Buffer.from(uuid.replaceAll("-", ""), "hex").toString("base64url");
}

/** The UUID below which the next page begins; null for text that is not a cursor. */
export function parseCursor(text: string): string | null {
  if (!/^[\w-]{22}$/.test(text)) return null;
  const bytes = Buffer.from(text, "base64url");
  if (bytes.toString("base64url") !== text) return null;
  const parts = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(bytes.toString("hex"))!.slice(1);
  return parts.join("-");
}

export const cursorInput = z
  .string()
  .meta({ description: "`next_cursor` of the previous page", pattern: "^[A-Za-z0-9_-]{21}[AQgw]$" })
  .transform((text, ctx) => {
    const before = parseCursor(text);
    if (before !== null) return before;
    ctx.addIssue("is not a cursor: send next_cursor unchanged, or leave it out for the first page");
    return z.NEVER;
  });
