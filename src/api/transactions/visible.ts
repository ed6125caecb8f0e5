import { boundTo, type Caller } from "../caller.ts";
import type { Queryable } from "../deps.ts";
import { notFound, type Problem } from "../problem.ts";
import { findTransaction, type TransactionRow } from "./store.ts";

/** The transaction an id answers with, where the caller may see it. */
export async function visibleTransaction(
  caller: Caller,
  id: string,
  db: Queryable,
): Promise<{ kind: "found"; row: TransactionRow } | Problem> {
  const row = await findTransaction(db, id, boundTo(caller));
  return row === null ? notFound("There is no such transaction.") : { kind: "found", row };
}
