import { jsonCallback, type SimulatedCallback } from "../../../simulator/post-callback.ts";
import type { DarajaEntry } from "./callbacks.ts";

/** What a till answered to B2B Express Checkout, for the channel `b2b/express`. */
export function darajaExpressCallback(requestId: string, entry: DarajaEntry, isPaid: boolean): SimulatedCallback {
  const { amount, receipt, conversationId = "", code = "4001" } = entry;
  if (!isPaid) {
    return jsonCallback({ resultCode: code, resultDesc: "User cancelled transaction", requestId, amount });
  }
  return jsonCallback({
    resultCode: "0",
    resultDesc: "The service request is processed successfully.",
    amount,
    requestId,
    resultType: "0",
    conversationID: conversationId,
    transactionId: receipt,
    status: "SUCCESS",
  });
}

/** Whether a standing order was made, for the channel `standing-order`. */
export function darajaStandingOrderCallback({ receipt, phone }: DarajaEntry, isMade: boolean): SimulatedCallback {
  const code = isMade ? "0" : "1037";
  const data = {
    TransactionID: receipt,
    responseCode: code,
    Status: isMade ? "OKAY" : "ERROR",
    Msisdn: `${phone.slice(0, 3)}******${phone.slice(-3)}`,
  };
  return jsonCallback({
    responseHeader: {
      responseRefID: `4dd9-${receipt}`,
      requestRefID: "c8e9",
      responseCode: code,
      responseDescription: isMade ? "The service request is processed successfully" : "The payer did not answer",
    },
    responseBody: { responseData: Object.entries(data).map(([name, value]) => ({ name, value })) },
  });
}

/** A payment of an invoice, for the channel `bill`. */
export function darajaBillCallback(entry: DarajaEntry, shortcode: string, at: Date): SimulatedCallback {
  return jsonCallback({
    transactionId: entry.receipt,
    paidAmount: entry.amount,
    msisdn: entry.phone,
    dateCreated: at.toISOString().slice(0, 10),
    accountReference: entry.reference ?? "",
    shortCode: shortcode,
  });
}
