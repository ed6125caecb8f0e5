import type { Says } from "../../domain/evidence.ts";
import type { StatusTable } from "../kit/status-table.ts";
import { isZeroCode } from "../kit/success-code.ts";

/**
 * Kyanda's `status_code`, as its error appendix and its API reference of 2026-09-03 list them. `200` is missing on
 * purpose: it only says that the request was accepted, and the status beside it says of what.
 */
export const saysByCode = {
  "0000": "completed",
  // Created and waiting. A B2B create answer prints it beside "Success", which then means "created".
  "1100": "pending",
  "1101": "failed",
  "1102": "failed",
  "1103": "failed",
  "1104": "failed",
  "1105": "failed",
  "1106": "failed",
  "1107": "failed",
  "1108": "failed",
  "1109": "failed",
  "1201": "failed",
  "3101": "failed",
  "4000": "failed",
  // Kyanda does not know what happened: no verdict, poll later.
  "5000": "nothing",
  // About registering a callback URL, never about money.
  "6001": "nothing",
  "6002": "nothing",
  // Not found is not "not paid".
  "7001": "nothing",
  "8001": "failed",
  "8002": "failed",
  "8003": "failed",
  "8004": "failed",
  "8005": "failed",
  "8006": "failed",
  "9001": "failed",
  "9002": "failed",
  "9003": "failed",
  "9004": "failed",
  "9005": "failed",
} as const satisfies StatusTable;

/** Kyanda's `status`. Success, Pending and Failed are documented; the others are guesses that cost nothing. */
export const saysByWord = {
  success: "completed",
  successful: "completed",
  completed: "completed",
  pending: "pending",
  processing: "pending",
  queued: "pending",
  failed: "failed",
  failure: "failed",
  fail: "failed",
  error: "failed",
  rejected: "failed",
  declined: "failed",
  cancelled: "failed",
  canceled: "failed",
  refunded: "refunded",
  reversed: "refunded",
} as const satisfies StatusTable;

/** The code that says only that the request was accepted. */
const accepted = "200";

/**
 * What code and status together say in an IPN. They have to agree; where one is missing or unknown the other speaks,
 * but no unknown code is overruled into a success.
 */
export function saysOfIpn(code: string | null, word: string | null): Says {
  const byWord = word === null ? null : listed(saysByWord, word.toLowerCase());
  if (code === null) return byWord ?? "nothing";
  if (code === accepted) return byWord ?? "pending";
  const byCode = saysOfCode(code);
  return byCode === null ? ofUnknownCode(byWord) : agreed(byCode, byWord);
}

/**
 * What stands in the code's place says; null where it is in no table. A number lost its leading zeros (0 is 0000), any
 * run of zeros is 0000, and a word there is read as a word (seen).
 */
export function saysOfCode(code: string): Says | null {
  if (isZeroCode(code)) return saysByCode["0000"];
  return listed(saysByCode, code.padStart(4, "0")) ?? listed(saysByWord, code.toLowerCase());
}

/** A final failure only where the status says so (an unknown code alone may be anything). */
function ofUnknownCode(byWord: Says | null): Says {
  return byWord === "completed" || byWord === "refunded" ? "contradiction" : (byWord ?? "nothing");
}

function agreed(byCode: Says, byWord: Says | null): Says {
  if (byWord === null || byWord === byCode) return byCode;
  if (byCode === "pending" && byWord === "completed") return "pending";
  if (byCode === "nothing" && byWord !== "completed") return "nothing";
  return "contradiction";
}

function listed(table: StatusTable, entry: string): Says | null {
  return Object.hasOwn(table, entry) ? table[entry]! : null;
}
