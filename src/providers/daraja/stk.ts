import { isStk, readStk, stkKey } from "../kit/stk-envelope.ts";
import type { Channel } from "../provider.ts";
import { accepted } from "./replies.ts";
import { stkCodes } from "./stk-codes.ts";

/** The result of an STK push: a payment that was requested on a payer's phone. */
export const stk: Channel = {
  forms: false,
  key: stkKey,
  read: (body, _callback, connection) => readStk(body, stkCodes, connection),
  recognizes: isStk,
  accepted,
  unreadable: null,
};
