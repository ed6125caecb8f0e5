import { type Caller, merchantScope } from "../caller.ts";
import type { DrizzleQueryable } from "../deps.ts";
import { notFound, type ProblemDetails } from "../problem.ts";
import { findDelivery, type ListedDeliveryRow } from "./store.ts";

/** The delivery, where the caller may see it. */
export async function visibleDelivery(
  caller: Caller,
  id: string,
  db: DrizzleQueryable,
): Promise<{ kind: "found"; row: ListedDeliveryRow } | ProblemDetails> {
  const row = await findDelivery(db, id, merchantScope(caller));
  return row === null ? notFound("There is no such delivery.") : { kind: "found", row };
}
