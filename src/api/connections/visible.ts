import { type Caller, merchantScope } from "../caller.ts";
import type { DrizzleQueryable } from "../deps.ts";
import { notFound, type ProblemDetails } from "../problem.ts";
import { type ConnectionRow, findConnection, lockConnection } from "./store.ts";

type Found = { kind: "found"; row: ConnectionRow };

/** The connection, where the caller may see it. */
export async function visibleConnection(
  caller: Caller,
  id: string,
  db: DrizzleQueryable,
): Promise<Found | ProblemDetails> {
  return found(await findConnection(db, id, merchantScope(caller)));
}

/** The same, locked until the transaction ends. */
export async function lockedConnection(
  caller: Caller,
  id: string,
  tx: DrizzleQueryable,
): Promise<Found | ProblemDetails> {
  return found(await lockConnection(tx, id, merchantScope(caller)));
}

function found(row: ConnectionRow | null): Found | ProblemDetails {
  return row === null ? notFound("There is no such connection.") : { kind: "found", row };
}
