import { type Caller, merchantScope } from "../caller.ts";
import type { DrizzleQueryable } from "../deps.ts";
import { notFound, type ProblemDetails } from "../problem.ts";
import { type EndpointRow, findEndpoint, lockEndpoint } from "./store.ts";

type Found = { kind: "found"; row: EndpointRow };

/** The endpoint, where the caller may see it. */
export async function visibleEndpoint(
  caller: Caller,
  id: string,
  db: DrizzleQueryable,
): Promise<Found | ProblemDetails> {
  return found(await findEndpoint(db, id, merchantScope(caller)));
}

/** The same, locked until the transaction ends. */
export async function lockedEndpoint(
  caller: Caller,
  id: string,
  tx: DrizzleQueryable,
): Promise<Found | ProblemDetails> {
  return found(await lockEndpoint(tx, id, merchantScope(caller)));
}

function found(row: EndpointRow | null): Found | ProblemDetails {
  return row === null ? notFound("There is no such endpoint.") : { kind: "found", row };
}
