import { type Caller, merchantScope } from "../caller.ts";
import type { DrizzleQueryable } from "../deps.ts";
import { notFound, type ProblemDetails } from "../problem.ts";
import { type CallbackRow, findCallback } from "./store.ts";

/** The callback, where the caller may see it. */
export async function visibleCallback(
  caller: Caller,
  id: string,
  db: DrizzleQueryable,
): Promise<{ kind: "found"; row: CallbackRow } | ProblemDetails> {
  const row = await findCallback(db, id, merchantScope(caller));
  return row === null ? notFound("There is no such callback.") : { kind: "found", row };
}
