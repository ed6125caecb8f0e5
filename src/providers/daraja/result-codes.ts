import type { StatusTable } from "../kit/status-table.ts";

/**
 * Result codes of B2C, B2B and reversal that are worth a name. An unknown code other than 0 is a failure too: the
 * callback says that the request is over. Source: Safaricom's Daraja documentation (Business to Customer, Reversals,
 * result codes), checked 2026-11-20.
 */
export const resultCodes = {
  "0": "completed",
  "1": "failed", // insufficient balance
  "2": "failed", // below the least amount
  "3": "failed", // above the greatest amount
  "4": "failed", // above the daily limit
  "8": "failed", // above the greatest balance
  "11": "failed", // the paying account is not active
  "21": "failed", // the initiator lacks the role
  "2001": "failed", // the initiator's credential is wrong or expired
  "2006": "failed", // the account's status does not allow it
  "2028": "failed", // not permitted for this shortcode
  "2040": "failed", // the recipient is not registered
  "8006": "failed", // the initiator's credential is locked
  R000001: "failed", // the payment was reversed already
  R000002: "failed", // no such payment to reverse
  SFC_IC0003: "failed", // no such party
} as const satisfies StatusTable;

/**
 * What a transaction status query says of its transaction, in lower case. Any other word says nothing. Source:
 * Safaricom's documentation of the query, checked 2026-11-30.
 */
export const transactionStatuses = {
  completed: "completed",
  cancelled: "failed",
  declined: "failed",
  expired: "expired",
  initiated: "processing",
  authorized: "processing",
  "pending authorized": "processing",
} as const satisfies StatusTable;
