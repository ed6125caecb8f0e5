import type { StatusTable } from "../kit/status-table.ts";

/**
 * Result codes of an STK push, in callbacks and in answers to the STK query. In a callback an unknown code is a failure; in an answer it
 * is not final. The codes are documented or reported (MAPPING.md, checked 2026-11-20); 1031, 1036 and 2028 are known to end a push, their
 * meaning here is a guess.
 */
export const stkCodes = {
  "0": "completed",
  "1": "failed", // insufficient balance
  "2": "failed", // below the least amount
  "3": "failed", // above the greatest amount
  "4": "failed", // above the daily limit
  "8": "failed", // above the greatest balance
  "17": "failed", // refused by a limit rule
  "26": "failed", // system busy
  "1001": "failed", // the subscriber is busy with another session
  "1019": "expired",
  "1025": "failed", // the push could not be sent
  "1031": "failed", // cancelled
  "1032": "failed", // cancelled by the payer
  "1036": "failed", // no answer in time
  "1037": "failed", // unreachable, or no answer
  "2001": "failed", // wrong PIN
  "2028": "failed", // not permitted for this shortcode
  "8006": "failed", // the credential is locked
  "9999": "failed", // the push could not be sent
} as const satisfies StatusTable;
