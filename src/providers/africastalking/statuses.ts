import type { StatusTable } from "../kit/status-table.ts";

/** What `airtime/status` and the airtime status call print, in lower case. Sent, Queued and Processed do not end. */
export const saysByAirtimeStatus = {
  success: "completed",
  failed: "failed",
  invalidrequest: "failed",
  notsupported: "failed",
  insufficientbalance: "failed",
  userininvalidstate: "failed",
  usernotfound: "failed",
  unsupportedphonenumber: "failed",
  userinblacklist: "failed",
  productnotfound: "failed",
  internalerror: "failed",
  rejected: "failed",
  sent: "pending",
  queued: "pending",
  processed: "pending",
} as const satisfies StatusTable;

/** What `sms/delivery` prints, in lower case. Sent, Submitted and Buffered do not end. */
export const saysBySmsStatus = {
  success: "completed",
  rejected: "failed",
  failed: "failed",
  absentsubscriber: "failed",
  expired: "expired",
  sent: "pending",
  submitted: "pending",
  buffered: "pending",
} as const satisfies StatusTable;
