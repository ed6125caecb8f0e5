/** Bodies as providers send them; numbers and ids are invented. */

export function stkPaid(checkoutRequestId: string, receipt: string, amount = 50) {
  return {
    Body: {
      stkCallback: {
        MerchantRequestID: `m-${checkoutRequestId}`,
        CheckoutRequestID: checkoutRequestId,
        ResultCode: 0,
        ResultDesc: "The service request is processed successfully.",
        CallbackMetadata: {
          Item: [
            { Name: "Amount", Value: amount },
            { Name: "MpesaReceiptNumber", Value: receipt },
            { Name: "Balance" },
            { Name: "TransactionDate", Value: 20251018233026 },
            { Name: "PhoneNumber", Value: 254711000001 },
          ],
        },
      },
    },
  };
}

export function stkRegistration(connectionId: string, checkoutRequestId: string, amount = "50.00") {
  return {
    connection_id: connectionId,
    kind: "stk_push",
    provider_refs: { checkout_request_id: checkoutRequestId },
    amount,
    currency: "KES",
  };
}

/** A receipt of ten letters and digits for a number. */
export function receiptOf(number: number): string {
  return `TJ${number.toString(36).toUpperCase().padStart(8, "0")}`;
}
