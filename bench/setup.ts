import { createHash, randomBytes } from "node:crypto";

export const secretKey = randomBytes(32);
export const serverEnv = {
  HAKIKA_ADMIN_KEY: "bench-admin-key-of-thirty-two-characters",
  HAKIKA_SECRET_KEY: secretKey.toString("base64"),
  PORT: "0",
  LOG_LEVEL: "warn",
  HAKIKA_EGRESS_ALLOW: "127.0.0.0/8",
  HAKIKA_RECONCILE_CRON: "off",
};

/** A receipt of ten characters, different for each push. */
function receiptOf(checkoutId: string): string {
  return createHash("sha256").update(checkoutId).digest("hex").slice(0, 10).toUpperCase();
}

/** The body of a paid STK callback, of realistic size, with an invented phone number. */
export function stkBody(checkoutId: string, n: number): string {
  return JSON.stringify({
    Body: {
      stkCallback: {
        MerchantRequestID: `29115-34620561-${n}`,
        CheckoutRequestID: checkoutId,
        ResultCode: 0,
        ResultDesc: "The service request is processed successfully.",
        CallbackMetadata: {
          Item: [
            { Name: "Amount", Value: 50 },
            { Name: "MpesaReceiptNumber", Value: receiptOf(checkoutId) },
            { Name: "Balance" },
            { Name: "TransactionDate", Value: 20251018233026 },
            { Name: "PhoneNumber", Value: 254700000000 + (n % 1000) },
          ],
        },
      },
    },
  });
}
