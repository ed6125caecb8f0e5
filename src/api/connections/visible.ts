import { boundTo, type Caller } from "../caller.ts";
import type { Queryable } from "../deps.ts";
import { notFound, type Problem } from "../problem.ts";
import { type ConnectionRow, findConnection, lockConnection } from "./store.ts";

type Found = { kind: "found"; row: ConnectionRow };

/** The connection, where the caller may see it. */
export async function visibleConnection(caller: Caller, id: string, db: Queryable): Promise<Found | Problem> {
  return found(await findConnection(db, id, boundTo(caller)));
}

/** The same, locked until the transaction ends. */
export async function lockedConnection(caller: Caller, id: string, tx: Queryable): Promise<Found | Problem> {
  return found(await lockConnection(tx, id, boundTo(caller)));
}

function found(row: ConnectionRow | null): Found | Problem {
  return row === null ? notFound("There is no such connection.") : { kind: "found", row };
}
