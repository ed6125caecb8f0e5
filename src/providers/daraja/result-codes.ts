import type { StatusTable } from "../kit/status-table.ts";

/**
 * Result codes of B2C, B2B and reversal that are worth a name. An unknown code other than 0 is a failure too: the callback says that the
 * request is over (PROVIDERS rule 9). Checked 2026-11-20 (see MAPPING.md).
 */
export const resultCodes = {
  "0": "completed",
  "1": "failed", // insufficient balance
  "2001": "failed", // the initiator's credential is wrong or expired
  "8006": "failed", // the initiator's credential is locked
  R000001: "failed", // the payment was reversed already
  R000002: "failed", // no such payment to reverse
  SFC_IC0003: "failed", // no such party
} as const satisfies StatusTable;

/** What a transaction status query says of the transaction it asked about, in lower case. Any other word says nothing. */
export const transactionStatuses = {
  completed: "completed",
  cancelled: "failed",
  declined: "failed",
  expired: "expired",
  initiated: "processing",
  authorized: "processing",
} as const satisfies StatusTable;
