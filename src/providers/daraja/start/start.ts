import type { Needs } from "../../provider.ts";
import type { StartCall, StartNeeds, StartOrder, StartRequest } from "../../start.ts";
import { app, initiator } from "../credentials.ts";
import { readStarted } from "./answer.ts";
import { payoutRequest, toBusinessRequest } from "./payout.ts";
import { pushRequest } from "./push.ts";
import { reversalRequest } from "./reversal.ts";

const optional = (means: string) => ({ required: false, means });
const initiatorName = optional("the API operator that the call runs as; the credential of this name by default");

/** Daraja promises of no call that it counts once: a second one may move the money again. */
const needs = (credentials: Needs, options: StartNeeds["options"]): StartNeeds => ({
  credentials,
  options,
  idempotent: false,
});

/** The calls that Daraja documents for starting transactions; their outcomes come to `stk`, `result` and `timeout`. */
export const start: StartCall = {
  kinds: {
    stk_push: needs([[...app, "passkey"]], {
      command_id: optional("CustomerPayBillOnline (default), or CustomerBuyGoodsOnline for a till"),
      short_code: optional("the till that is paid, where it is not the shortcode of the connection"),
    }),
    b2c: needs(initiator, {
      command_id: optional("BusinessPayment (default), SalaryPayment or PromotionPayment"),
      occasion: optional("at most 100 characters"),
      initiator_name: initiatorName,
    }),
    b2b: needs(initiator, {
      short_code: { required: true, means: "the paybill or till that is paid" },
      command_id: optional("BusinessPayBill (default), BusinessBuyGoods for a till, or another that Daraja names"),
      requester: optional("the phone of the consumer on whose behalf it is paid"),
      initiator_name: initiatorName,
    }),
    reversal: needs(initiator, {
      occasion: optional("at most 100 characters"),
      initiator_name: initiatorName,
    }),
  },
  request,
  read: readStarted,
};

function request(order: StartOrder): StartRequest {
  switch (order.kind) {
    case "stk_push":
      return pushRequest(order);
    case "b2c":
      return payoutRequest(order);
    case "b2b":
      return toBusinessRequest(order);
    default:
      return reversalRequest(order);
  }
}
