import type { RunStatement } from "../../database/audit/append-store.ts";
import type { DrizzleQueryable } from "../deps.ts";

/** For database transactions of Drizzle. */
export function runOn(tx: DrizzleQueryable): RunStatement {
  return async statement => Array.from(await tx.execute(statement));
}
