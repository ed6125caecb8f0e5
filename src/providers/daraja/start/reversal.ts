import { postJson } from "../../kit/post-json.ts";
import { receiptOf } from "../../kit/text.ts";
import type { StartOrder, StartRequest } from "../../start.ts";
import { urlOfOrder } from "../own-id.ts";
import { createChecks, remarks } from "./checks.ts";

const remarksCharsMax = 100;

/** `POST /mpesa/reversal/v1/request`: gives back a payment, by its receipt. */
export function reversalRequest(order: StartOrder): StartRequest {
  const { id, credentials, reverses } = order;
  const checks = createChecks(order);
  const amount = checks.amount(null);
  const receipt = receiptOf(reverses?.receipt);
  if (receipt === null) checks.add("transaction_id", "the payment has no receipt yet: Daraja reverses by receipt");
  const occasion = checks.text("occasion");
  const { initiator, credential, resultUrl, timeoutUrl } = checks.asInitiator();
  return checks.request(() => {
    const body = {
      Initiator: initiator,
      SecurityCredential: credential,
      CommandID: "TransactionReversal",
      TransactionID: receipt,
      Amount: amount,
      ReceiverParty: credentials.shortcode,
      // Of an organisation's short code, in this call alone. The spelling is Safaricom's own.
      RecieverIdentifierType: "11",
      ResultURL: urlOfOrder(resultUrl, id),
      QueueTimeOutURL: urlOfOrder(timeoutUrl, id),
      Remarks: remarks(order, remarksCharsMax),
      Occasion: (occasion ?? "").slice(0, remarksCharsMax),
    };
    const call = postJson("/mpesa/reversal/v1/request", body, { auth: "bearer" });
    return { kind: "call", call, refs: { order_id: id } };
  });
}
