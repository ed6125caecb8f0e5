import type { StatusTable } from "../kit/status-table.ts";

/** KODIPAY's six statuses, as its quickstart names them. */
export const saysByStatus = {
  pending: "pending",
  processing: "processing",
  completed: "completed",
  failed: "failed",
  refunded: "refunded",
  expired: "expired",
} as const satisfies StatusTable;

/** Other words for the same. Beside an envelope's payment they may mean no more than "this call worked". */
export const saysByAlias = {
  success: "completed",
  successful: "completed",
  paid: "completed",
  cancelled: "failed",
  canceled: "failed",
} as const satisfies StatusTable;
