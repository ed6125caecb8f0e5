import { z } from "zod";

/** Reads a base URL without the slashes at its end. The message does not repeat the text, which may hold a password. */
export function httpUrl(purpose: string, example: string) {
  return z.string().transform((text, ctx) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url !== null && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash) {
      return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
    }
    ctx.addIssue(`write ${purpose}, such as ${example}, without user, query or fragment`);
    return z.NEVER;
  });
}
