import { postJson } from "../../kit/post-json.ts";
import type { StartOrder, StartRequest } from "../../start.ts";
import { urlOfOrder } from "../own-id.ts";
import { consumerMax, createChecks, remarks } from "./checks.ts";

const remarksCharsMax = 100;
const accountCharsMax = 13;
/** 4 is a paybill, 2 a till. */
const identifierTypes = { paybill: "4", till: "2" } as const;

const consumerCommands = ["BusinessPayment", "SalaryPayment", "PromotionPayment"] as const;
const businessCommands = [
  ...["BusinessPayBill", "BusinessBuyGoods", "DisburseFundsToBusiness", "BusinessToBusinessTransfer"],
  ...["MerchantToMerchantTransfer", "MerchantTransferFromMerchantToWorking", "MerchantServicesMMFAccountTransfer"],
] as [string, ...string[]];

/** `POST /mpesa/b2c/v3/paymentrequest`. The conversation's id is ours, so a lost answer loses no reference. */
export function payoutRequest(order: StartOrder): StartRequest {
  const { id, credentials } = order;
  const checks = createChecks(order);
  const [amount, phone] = [checks.amount(consumerMax), checks.phone()];
  const command = checks.command(consumerCommands);
  const occasion = checks.text("occasion");
  const { initiator, credential, resultUrl, timeoutUrl } = checks.asInitiator();
  return checks.request(() => {
    const body = {
      OriginatorConversationID: id,
      InitiatorName: initiator,
      SecurityCredential: credential,
      CommandID: command,
      Amount: amount,
      PartyA: credentials.shortcode,
      PartyB: phone,
      Remarks: remarks(order, remarksCharsMax),
      QueueTimeOutURL: timeoutUrl,
      ResultURL: resultUrl,
      // Safaricom's own spelling.
      Occassion: (occasion ?? "").slice(0, remarksCharsMax),
    };
    const call = postJson("/mpesa/b2c/v3/paymentrequest", body, { auth: "bearer" });
    return { kind: "call", call, refs: { originator_conversation_id: id } };
  });
}

/** `POST /mpesa/b2b/v1/paymentrequest`, to a paybill or a till. */
export function toBusinessRequest(order: StartOrder): StartRequest {
  const { id, credentials, account, options } = order;
  const checks = createChecks(order);
  const amount = checks.amount(null);
  const payee = checks.shortCode("options.short_code", options.short_code);
  const command = checks.command(businessCommands);
  const requester = checks.text("requester");
  if (command === "BusinessPayBill" && account === null) {
    checks.add("account", "is required: the account at the paybill");
  }
  if ((account?.length ?? 0) > accountCharsMax) {
    checks.add("account", `must have at most ${accountCharsMax} characters`);
  }
  const { initiator, credential, resultUrl, timeoutUrl } = checks.asInitiator();
  return checks.request(() => {
    const body = {
      Initiator: initiator,
      SecurityCredential: credential,
      CommandID: command,
      SenderIdentifierType: identifierTypes.paybill,
      // Safaricom's own spelling.
      RecieverIdentifierType: command === "BusinessBuyGoods" ? identifierTypes.till : identifierTypes.paybill,
      Amount: amount,
      PartyA: credentials.shortcode,
      PartyB: payee,
      AccountReference: account ?? "",
      ...(requester !== null && { Requester: requester.replace(/\D/g, "") }),
      Remarks: remarks(order, remarksCharsMax),
      QueueTimeOutURL: urlOfOrder(timeoutUrl, id),
      ResultURL: urlOfOrder(resultUrl, id),
    };
    const call = postJson("/mpesa/b2b/v1/paymentrequest", body, { auth: "bearer" });
    return { kind: "call", call, refs: { order_id: id } };
  });
}
