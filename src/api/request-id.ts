import { randomBytes } from "node:crypto";
import type { Context } from "hono";

/** The caller's `x-request-id` where it is plain text, so that both sides' logs have the same id; else a new id. */
export function requestIdOf(c: Context): string {
  const sent = c.req.header("x-request-id");
  return sent !== undefined && /^[\w-]{1,64}$/.test(sent) ? sent : `req_${randomBytes(12).toString("hex")}`;
}
