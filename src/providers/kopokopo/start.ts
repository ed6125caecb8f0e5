import { formatMoney } from "../../domain/money.ts";
import type { ProviderResponse } from "../call.ts";
import { postJson } from "../kit/post-json.ts";
import { failureByStatus, isOk } from "../kit/response.ts";
import { refusedCall } from "../kit/said.ts";
import { idOf } from "../kit/text.ts";
import type { FieldProblem } from "../provider.ts";
import type { StartCall, StartOrder, StartRequest } from "../start.ts";

/** A push to a phone. */
export const start: StartCall = {
  kinds: {
    stk_push: {
      credentials: [["client_id", "client_secret", "till_number"]],
      options: {
        first_name: { required: false, means: "the payer's" },
        last_name: { required: false, means: "the payer's" },
        email: { required: false, means: "the payer's" },
      },
      idempotent: false,
      byRecipient: true,
    },
  },
  request: requestOf,
  read(answer, { now }) {
    const failure = failureByStatus(answer, now, true);
    if (failure) return failure;
    if (!isOk(answer)) return refusedCall(answer);
    const id = idOfLocation(answer);
    if (id === null) return { kind: "unknown", reason: "the answer has no Location" };
    return { kind: "accepted", refs: { k2_id: id }, message: null };
  },
};

function requestOf({ amount, phone, reference, credentials, callbackUrls, options }: StartOrder): StartRequest {
  const problems: FieldProblem[] = [];
  if (amount === null) problems.push({ path: "amount", message: "required" });
  if (phone === null) problems.push({ path: "phone", message: "required: the wallet" });
  const [first, ...rest] = problems;
  if (first !== undefined) return { kind: "problems", problems: [first, ...rest] };
  const { first_name, last_name, email } = options;
  const body = {
    payment_channel: "M-PESA STK Push",
    till_number: credentials.till_number,
    subscriber: { first_name, last_name, phone_number: phone, email },
    amount: { currency: amount!.currency, value: Number(formatMoney(amount!)) },
    metadata: { reference },
    _links: { callback_url: callbackUrls.result },
  };
  return { kind: "call", call: postJson("/api/v2/incoming_payments", body, { auth: "bearer" }), refs: {} };
}

/** `…/api/v2/incoming_payments/{id}` */
function idOfLocation({ headers }: ProviderResponse): string | null {
  return idOf(/\/incoming_payments\/([\w-]+)$/.exec(headers.location ?? "")?.[1]);
}
