import type { StatusTable } from "../kit/status-table.ts";
import { readStk, stkKey } from "../kit/stk-envelope.ts";
import type { Channel } from "../provider.ts";
import { accepted, refused } from "./replies.ts";
import { shapeOf } from "./shape.ts";

/**
 * Codian's table swaps the meanings of 1032 and 1037 against Safaricom's, so only 0 is trusted: any other code is a
 * failure, kept with its text.
 */
export const paymentCodes = { "0": "completed" } as const satisfies StatusTable;

/** The result of an STK push, in M-Pesa's envelope. */
export const payments: Channel = {
  forms: false,
  key: stkKey,
  read: (body, _callback, connection) => readStk(body, paymentCodes, connection),
  recognizes: body => shapeOf(body) === "payments",
  accepted,
  unreadable: refused,
};
