import type { Says } from "../../domain/evidence.ts";
import type { PollRequest } from "../status.ts";

/** A push's prompt lives about 60 s; half as much again for what was under way when it ended. */
const promptLifeMs = 90_000;

/**
 * Whether a query's failure of a push is not believed yet. Queries have said "failed" of payments whose callback said
 * paid [seen], so a failure counts once it is received a second time, after the prompt has ended.
 */
export function isProvisional(says: Says, request: PollRequest): boolean {
  if (says !== "failed" && says !== "expired") return false;
  const { provisionalSince, now, createdAt } = request;
  const askedAgain = provisionalSince !== null && provisionalSince < now;
  return !askedAgain || now.getTime() - createdAt.getTime() < promptLifeMs;
}
