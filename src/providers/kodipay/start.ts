import { formatMoney } from "../../domain/money.ts";
import type { ProviderResponse } from "../call.ts";
import { postJson } from "../kit/post-json.ts";
import { failureByStatus, isOk, jsonObjectOf, withoutBody } from "../kit/response.ts";
import { refusedCall, saidIn } from "../kit/said.ts";
import type { StartAnswer, StartCall, StartOrder, StartRequest } from "../start.ts";
import { layersOf } from "./layers.ts";

const methodByDefault = "mobile_money";

/** `POST /api/v1/payments`, as the quickstart has it. The payer confirms on the phone. */
export const start: StartCall = {
  kinds: {
    payment: {
      credentials: [["client_id", "client_secret"]],
      options: {
        payment_method: { required: false, means: `KODIPAY's name of the way to pay; ${methodByDefault} by default` },
      },
      // The reference is unique per merchant, but what a second one is answered with is not known.
      idempotent: false,
    },
  },
  request,
  read: readStarted,
};

function request({ amount, phone, reference, options, callbackUrls }: StartOrder): StartRequest {
  const method = options.payment_method ?? methodByDefault;
  if (typeof method !== "string") {
    return { kind: "problems", problems: [{ path: "options.payment_method", message: "must be text" }] };
  }
  if (phone === null && method === methodByDefault) {
    return { kind: "problems", problems: [{ path: "phone", message: "is required: the wallet that pays" }] };
  }
  const body = {
    payment_method: method,
    amount: formatMoney(amount!),
    currency: amount!.currency,
    reference,
    ...(phone !== null && { walletID: phone.slice(1) }),
    ...(callbackUrls.callbacks !== undefined && { callback_url: callbackUrls.callbacks }),
  };
  return { kind: "call", call: postJson("/api/v1/payments", body, { auth: "bearer" }), refs: {} };
}

/** An order number says that KODIPAY took the payment; a 2xx without one says nothing. */
function readStarted(answer: ProviderResponse, { now }: StartOrder): StartAnswer {
  const failure = failureByStatus(answer, now, true);
  if (failure) return failure;
  const body = jsonObjectOf(answer);
  if (body === null) {
    return isOk(answer) ? { kind: "unknown", reason: "an answer without a JSON object" } : withoutBody(answer);
  }
  if (!isOk(answer)) return refusedCall(answer);
  const { orderNumber } = layersOf(body);
  if (orderNumber === null) return { kind: "unknown", reason: "an answer without an order number" };
  return { kind: "accepted", refs: { order_number: orderNumber }, message: saidIn(answer).words };
}
