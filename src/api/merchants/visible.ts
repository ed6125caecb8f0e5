import { type Caller, merchantScope } from "../caller.ts";
import type { DrizzleQueryable } from "../deps.ts";
import { notFound, type ProblemDetails } from "../problem.ts";
import { findMerchant, type MerchantRow } from "./store.ts";

/** The merchant of a path, where the caller may see it. */
export async function visibleMerchant(
  caller: Caller,
  id: string,
  db: DrizzleQueryable,
): Promise<{ kind: "found"; row: MerchantRow } | ProblemDetails> {
  const own = merchantScope(caller);
  const row = own === null || own === id ? await findMerchant(db, id) : null;
  return row === null ? notFound("There is no such merchant.") : { kind: "found", row };
}
