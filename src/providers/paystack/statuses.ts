import type { StatusTable } from "../kit/status-table.ts";

/** What each webhook says of its charge, or of its transfer. Other events are about neither. */
export const saysByEvent = {
  "charge.success": "completed",
  "charge.dispute.create": "disputed",
  "charge.dispute.remind": "disputed",
  "charge.dispute.resolve": "disputed",
  "refund.pending": "nothing",
  "refund.processing": "nothing",
  "refund.processed": "refunded",
  "refund.failed": "nothing",
  "transfer.success": "completed",
  "transfer.failed": "failed",
  "transfer.reversed": "refunded",
} as const satisfies StatusTable;

/**
 * The words that end a charge or a transfer. `abandoned` is no end: the payer may still pay, and how long is not
 * documented.
 */
export const saysByStatus = {
  success: "completed",
  failed: "failed",
  reversed: "refunded",
} as const satisfies StatusTable;
