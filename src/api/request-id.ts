import { randomBytes } from "node:crypto";
import type { Context } from "hono";

/** The caller's own id where it sent a plain one, so that its logs and ours meet; else a new one. */
export function requestIdOf(c: Context): string {
  const sent = c.req.header("x-request-id");
  return sent !== undefined && /^[\w-]{1,64}$/.test(sent) ? sent : `req_${randomBytes(12).toString("hex")}`;
}
