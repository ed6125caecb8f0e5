import { type Caller, type OperatorRole, roles, type Scope } from "./caller.ts";
import { forbidden, type ProblemDetails } from "./problem.ts";
import type { Route } from "./route.ts";

/** The scope that a merchant's key needs for a call: `read` for every GET, else `manage` unless the call says. */
export function scopeOf(route: Pick<Route, "method" | "scope">): Scope {
  return route.scope ?? (route.method === "GET" ? "read" : "manage");
}

const roleOfScope = {
  read: "viewer",
  register: "support",
  decide: "support",
  start: "admin",
  manage: "admin",
} as const satisfies Record<Scope, OperatorRole>;

/** The lowest role that may make a call. */
export function roleOf(route: Pick<Route, "method" | "scope" | "role" | "access">): OperatorRole {
  return route.access === "admin" ? "admin" : (route.role ?? roleOfScope[scopeOf(route)]);
}

/** Why a caller may not make a call, whatever its body and the things it names; null where it may. */
export function permissionProblem(route: Route, caller: Caller): ProblemDetails | null {
  if (caller.kind === "admin") return null;
  if (caller.kind === "operator") {
    const needed = roleOf(route);
    if (roles.indexOf(caller.role) >= roles.indexOf(needed)) return null;
    return forbidden(
      "missing-role",
      `This call needs an operator of role ${needed}; this key's role is ${caller.role}.`,
    );
  }
  if (route.access === "admin") return adminNeeded("This call needs the admin key; this is a merchant's key.");
  const scope = scopeOf(route);
  return caller.scopes.includes(scope) ? null : missingScope(scope);
}

/** 403 for a key without this scope. */
export function missingScope(scope: Scope): ProblemDetails {
  return forbidden("missing-scope", `This key lacks the scope ${scope}. Use a key that has it.`);
}

/** 403 for what the admin alone may do. */
export function adminNeeded(detail: string): ProblemDetails {
  return forbidden("admin-needed", detail);
}
