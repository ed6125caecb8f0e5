import { randomUUID } from "node:crypto";
import { postCallback, type SimulatedCallback } from "../../../simulator/post-callback.ts";
import type { ScriptOutcome } from "../../../simulator/script.ts";
import type { PlayedReply } from "../../../simulator/server.ts";
import {
  type DarajaEntry,
  darajaPayoutCallback,
  darajaReversalCallback,
  darajaStkCallback,
  darajaToBusinessCallback,
} from "./callbacks.ts";
import { refusal } from "./replies.ts";
import type { DarajaBody, DarajaState } from "./state.ts";

type Played = PlayedReply | Promise<PlayedReply>;

/** `POST /mpesa/stkpush/v1/processrequest`. The entry is found by the checkout id that it is answered with. */
export function startPush(state: DarajaState, body: DarajaBody): Played {
  if (String(body.BusinessShortCode) !== state.options.shortcode) {
    return refusal(500, "500.001.1001", "Merchant does not exist");
  }
  if (!/^254\d{9}$/.test(String(body.PhoneNumber))) {
    return refusal(400, "400.002.02", "Bad Request - Invalid PhoneNumber");
  }
  state.started += 1;
  const n = state.started;
  const id = `ws_CO_20112026${String(n).padStart(10, "0")}`;
  const merchantRequestId = `29115-${n}-1`;
  return state.starts.play({ name: String(body.AccountReference), id, body }, () => {
    state.ledger.add(id, {
      ...entryOf(body, n),
      phone: String(body.PhoneNumber),
      reference: String(body.AccountReference),
      merchantRequestId,
    });
    const said = "Success. Request accepted for processing";
    const answer = { MerchantRequestID: merchantRequestId, CheckoutRequestID: id, ResponseCode: "0" };
    return { status: 200, body: { ...answer, ResponseDescription: said, CustomerMessage: said } };
  });
}

/** B2C, B2B and reversal. The entry is found by the originator conversation that it is answered with. */
export function startConversation(state: DarajaState, body: DarajaBody): Played {
  const own = body.OriginatorConversationID;
  if (own !== undefined && state.ledger.get(String(own))) {
    return refusal(500, "500.002.1001", "Duplicate OriginatorConversationID.");
  }
  state.started += 1;
  const n = state.started;
  const id = own === undefined ? `17903-${n}-1` : String(own);
  return state.starts.play({ name: id, id, body }, () => {
    const conversationId = `AG_20261120_${randomUUID().slice(0, 8)}`;
    state.ledger.add(id, { ...entryOf(body, n), conversationId, originatorConversationId: id });
    const conversation = { ConversationID: conversationId, OriginatorConversationID: id };
    const said = "Accept the service request successfully.";
    return { status: 200, body: { ...conversation, ResponseCode: "0", ResponseDescription: said } };
  });
}

/** `POST /mpesa/accountbalance/v1/query`: its result comes to `ResultURL`. */
export function queryBalance({ balance }: DarajaState, body: DarajaBody): PlayedReply {
  const conversation = { ConversationID: `AG_${randomUUID()}`, OriginatorConversationID: randomUUID() };
  const accounts = `Working Account|KES|0.00|0.00|0.00|0.00&Utility Account|KES|${balance}|${balance}|0.00|0.00`;
  const parameters = [{ Key: "AccountBalance", Value: accounts }];
  const Result = { ResultType: 0, ResultCode: 0, ResultDesc: "Done", ...conversation, TransactionID: "NLJ0000000" };
  const result = { Result: { ...Result, ResultParameters: { ResultParameter: parameters } } };
  void postCallback(String(body.ResultURL), { contentType: "application/json", body: JSON.stringify(result) });
  return {
    status: 200,
    body: { ...conversation, ResponseCode: "0", ResponseDescription: "Accept the service request successfully." },
  };
}

function entryOf(body: DarajaBody, n: number): DarajaEntry {
  return {
    outcome: "pending",
    steps: [],
    amount: String(body.Amount),
    phone: String(body.PartyB),
    receipt: `TKL${String(n).padStart(7, "0")}`,
  };
}

/** Ends an order that was taken, and posts its callback to the URL that its call named. */
export async function finishOrder(
  { ledger, starts }: Pick<DarajaState, "ledger" | "starts">,
  id: string,
  outcome: ScriptOutcome,
  at: Date,
): Promise<void> {
  const { body } = starts.taken.find(order => order.id === id)!;
  ledger.settle(id, outcome);
  const entry = ledger.get(id)!;
  const url = String(body.CallBackURL ?? body.ResultURL);
  await postCallback(url, callbackOf(id, body, entry, outcome, at));
}

function callbackOf(
  id: string,
  body: DarajaBody,
  entry: DarajaEntry,
  outcome: ScriptOutcome,
  at: Date,
): SimulatedCallback {
  if (body.CheckoutRequestID !== undefined || body.CallBackURL !== undefined) {
    return darajaStkCallback(id, entry, outcome, at);
  }
  if (body.CommandID === "TransactionReversal") {
    return darajaReversalCallback(entry, String(body.TransactionID), outcome, at);
  }
  return body.SenderIdentifierType === undefined
    ? darajaPayoutCallback(entry, outcome, at)
    : darajaToBusinessCallback(entry, outcome, at);
}
