import type { StatusTable } from "../kit/status-table.ts";

/**
 * Result codes of an STK push, in callbacks and in answers to the STK query. In a callback an unknown code is a
 * failure; in an answer it is not final. Source: Safaricom's Daraja documentation (M-Pesa Express, result codes),
 * checked 2026-11-20; those marked seen come from integrators.
 */
export const stkCodes = {
  "0": "completed",
  "1": "failed", // insufficient balance
  "2": "failed", // below the least amount
  "3": "failed", // above the greatest amount
  "4": "failed", // above the daily limit
  "8": "failed", // above the greatest balance
  "17": "failed", // same amount to the same payer within two minutes
  "26": "failed", // seen: system busy
  "1001": "failed", // seen: the subscriber is busy with another session
  "1019": "expired",
  "1025": "failed", // the push could not be sent
  "1031": "failed", // seen
  "1032": "failed", // cancelled by the payer
  "1036": "failed", // seen
  "1037": "failed", // unreachable, or no answer
  "2001": "failed", // wrong PIN
  "2028": "failed", // not permitted for this shortcode
  "8006": "failed", // the payer's PIN is locked
  "9999": "failed", // seen: the push could not be sent
  SFC_IC0003: "failed", // no such party
} as const satisfies StatusTable;
