import { fieldsOf, isObject } from "../kit/fields.ts";
import type { StatusTable } from "../kit/status-table.ts";
import { textOf } from "../kit/text.ts";

/** MTN's three statuses. `FAILED` is looked at by its reason. */
export const saysByStatus = {
  successful: "completed",
  failed: "failed",
  pending: "pending",
} as const satisfies StatusTable;

/** What a failure is by its reason; every other reason is a failure. */
export const saysByReason = { EXPIRED: "expired" } as const satisfies StatusTable;

/**
 * Documented as "often insufficient funds" and as a fault of MTN's own: believed once it is answered a second time.
 */
export const doubtfulReason = "INTERNAL_PROCESSING_ERROR";

/** `reason` is a text, or an object with `code` and `message`. */
export function reasonCodeOf(reason: unknown): string | null {
  const code = isObject(reason) ? fieldsOf(reason)("code") : reason;
  return (
    textOf(code)
      ?.toUpperCase()
      .replace(/[\s-]+/g, "_") ?? null
  );
}
