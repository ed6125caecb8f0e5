import { problemReply } from "../providers/kit/reply.ts";
import type { FieldProblem, NonEmpty, Reply } from "../providers/provider.ts";

/** Answers to what is not taken. None of them tells what is right. */

/** Neither database nor spool takes it, or the token cannot be looked up: come again. */
export const unavailable = (): Reply =>
  problemReply([{ path: "", message: "The callback could not be kept. Send it again in a few seconds." }], {}, 503);

export const notFound = (): Reply =>
  problemReply([{ path: "", message: "There is no such callback URL. Check provider, token and channel." }], {}, 404);

export const methodNotAllowed = (methods: readonly string[]): Reply =>
  problemReply([{ path: "", message: `Callbacks are sent with ${methods.join(" or ")}.` }], {}, 405);

export const tooLarge = (): Reply => problemReply([{ path: "", message: "A callback has at most 1 MiB." }], {}, 413);

export const badRequest = (problems: NonEmpty<FieldProblem>): Reply => problemReply(problems);

export function unverified(status: 401 | 403): Reply {
  const message =
    status === 401
      ? "The callback was not verified: its signature, header or password does not fit."
      : "The callback came from an address that this connection does not accept.";
  return problemReply([{ path: "", message }], {}, status);
}
