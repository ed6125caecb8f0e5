import { boundTo, type Caller } from "../caller.ts";
import type { Queryable } from "../deps.ts";
import { notFound, type Problem } from "../problem.ts";
import { type DeliveryRow, findDelivery } from "./store.ts";

/** The delivery, where the caller may see it. */
export async function visibleDelivery(
  caller: Caller,
  id: string,
  db: Queryable,
): Promise<{ kind: "found"; row: DeliveryRow } | Problem> {
  const row = await findDelivery(db, id, boundTo(caller));
  return row === null ? notFound("There is no such delivery.") : { kind: "found", row };
}
