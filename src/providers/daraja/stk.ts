import { isStk, readStk, stkKey } from "../kit/stk-envelope.ts";
import type { Channel } from "../provider.ts";
import { withOwnId } from "./own-id.ts";
import { accepted } from "./replies.ts";
import { stkCodes } from "./stk-codes.ts";

/** The result of an STK push: a payment that was requested on a payer's phone. */
export const stk: Channel = {
  forms: false,
  key: stkKey,
  read: (body, callback, connection) => withOwnId(readStk(body, stkCodes, connection), callback),
  recognizes: isStk,
  accepted,
  unreadable: null,
};
