import { type Caller, merchantScope } from "../caller.ts";
import type { DrizzleQueryable } from "../deps.ts";
import { notFound, type ProblemDetails } from "../problem.ts";
import { findTransaction, type ListedTransactionRow } from "./store.ts";

/** The transaction an id answers with, where the caller may see it. */
export async function visibleTransaction(
  caller: Caller,
  id: string,
  db: DrizzleQueryable,
): Promise<{ kind: "found"; row: ListedTransactionRow } | ProblemDetails> {
  const row = await findTransaction(db, id, merchantScope(caller));
  return row === null ? notFound("There is no such transaction.") : { kind: "found", row };
}
