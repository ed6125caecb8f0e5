import { problemReply } from "../providers/kit/reply.ts";
import type { Reply } from "../providers/provider.ts";

/**
 * A reply to a request that is not accepted. `outcome` is a label of the metric. No refusal says what would be right.
 */
export type Refusal = { outcome: string; reply: Reply; headers: Record<string, string> };

const retryAfter = { "retry-after": "5" };

export const unknownUrl = (): Refusal =>
  refusal("unknown_url", 404, "There is no such callback URL. Check provider and token.");

/** `methods`: those that the channel accepts. */
export const wrongMethod = (methods: readonly string[]): Refusal =>
  refusal("wrong_method", 405, `Callbacks are sent with ${methods.join(" or ")}.`, { allow: methods.join(", ") });

/** The database is unavailable, and no process has looked the token up before. */
export const tokenNotKnownYet = (): Refusal =>
  refusal("token_not_known_yet", 503, "The callback could not be kept. Send it again in a few seconds.", retryAfter);

/** Neither the database nor the spool takes the callback. */
export const notKept = (): Refusal =>
  refusal("unavailable", 503, "The callback could not be kept. Send it again in a few seconds.", retryAfter);

/** The provider's published keys cannot be fetched, so its signature cannot be checked. */
export const keysUnavailable = (): Refusal =>
  refusal("keys_unavailable", 503, "The signature could not be checked. Send it again in a few seconds.", retryAfter);

export const tooLarge = (): Refusal =>
  refusal("too_large", 413, "A callback has at most 1 MiB.", { connection: "close" });

export const aborted = (): Refusal => refusal("aborted", 400, "The request ended before its body.");

/** `asksForPassword`: the connection expects a user name and a password, and a 401 asks for them. */
export function unverified(status: 401 | 403, asksForPassword: boolean): Refusal {
  if (status === 403) {
    return refusal("unverified", 403, "The callback came from an address that this connection does not accept.");
  }
  const headers: Record<string, string> = asksForPassword ? { "www-authenticate": 'Basic realm="hakika"' } : {};
  const message = "The callback was not verified: its signature, header or password does not fit.";
  return refusal("unverified", 401, message, headers);
}

function refusal(outcome: string, status: number, message: string, headers: Record<string, string> = {}): Refusal {
  return { outcome, reply: problemReply([{ path: "", message }], {}, status), headers };
}
