import type { StatusTable } from "../kit/status-table.ts";

/** Airtel's transaction statuses: success, failed, expired, reversed; in progress and ambiguous are no end. */
export const saysByStatus = {
  ts: "completed",
  tf: "failed",
  te: "expired",
  tr: "refunded",
  tip: "processing",
  ta: "pending",
} as const satisfies StatusTable;
