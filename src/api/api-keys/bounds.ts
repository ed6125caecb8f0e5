import { type Caller, type Scope, scopes } from "../caller.ts";
import { missingScope } from "../permission.ts";
import { invalid, type ProblemDetails } from "../problem.ts";

type Wanted = { scopes?: Scope[] | undefined; expires_at?: Date | undefined };
type Bounds = { kind: "bounds"; scopes: Scope[]; expiresAt: Date | null };

/** Scopes and end of a new key; a problem where they would go beyond those of the key that makes it. */
export function boundsOf(caller: Caller, wanted: Wanted, now: Date): Bounds | ProblemDetails {
  const own = caller.kind === "merchant" ? caller : { scopes, expiresAt: null };
  const asked = wanted.scopes ?? own.scopes;
  const more = asked.find(scope => !own.scopes.includes(scope));
  if (more !== undefined) return missingScope(more);
  const expiresAt = wanted.expires_at ?? own.expiresAt;
  if (expiresAt !== null && expiresAt <= now) return invalid([{ path: "expires_at", message: "must lie ahead" }]);
  if (own.expiresAt !== null && expiresAt !== null && expiresAt > own.expiresAt) {
    const message = `must not be later than the end of the key that makes it, ${own.expiresAt.toISOString()}`;
    return invalid([{ path: "expires_at", message }]);
  }
  return { kind: "bounds", scopes: scopes.filter(scope => asked.includes(scope)), expiresAt };
}
