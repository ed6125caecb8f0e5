import { missingCredentials } from "../can-poll.ts";
import type { PollNeeds, StatusCall } from "../status.ts";
import { app, initiator } from "./credentials.ts";
import { pollPush } from "./status-push.ts";
import { pollTransactionStatus, readTransactionResult } from "./status-transaction.ts";

const byTransaction: PollNeeds = { credentials: initiator, refs: ["receipt", "originator_conversation_id"] };

/**
 * The STK query for pushes, which answers at once; transaction status for everything else, which answers on `result`.
 */
export const status: StatusCall = {
  kinds: {
    stk_push: { credentials: [[...app, "passkey"]], refs: ["checkout_request_id"] },
    c2b: byTransaction,
    payment: { credentials: initiator, refs: ["receipt"] },
    b2c: byTransaction,
    b2b: byTransaction,
    reversal: byTransaction,
  },
  lookup: "c2b",
  // Sandbox: five a minute seen, burst one. Production publishes no figure; 429 and Retry-After are obeyed.
  ratePerMinute: { sandbox: 5, production: 120 },
  poll(request, send) {
    const { receiptInDoubt, kind, credentials } = request;
    // The STK query names no amount: only an answer about the receipt can say how much was paid.
    const mayAskByReceipt = receiptInDoubt !== null && missingCredentials(initiator, credentials) === null;
    return kind === "stk_push" && !mayAskByReceipt ? pollPush(request, send) : pollTransactionStatus(request, send);
  },
  readDeferredAnswer: readTransactionResult,
};
