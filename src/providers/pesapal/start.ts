import { formatMoney } from "../../domain/money.ts";
import { fieldsOf, isObject } from "../kit/fields.ts";
import { postJson } from "../kit/post-json.ts";
import { failureByStatus, isOk, jsonObjectOf } from "../kit/response.ts";
import { refusedCall } from "../kit/said.ts";
import { idOf, textOf } from "../kit/text.ts";
import type { FieldProblem } from "../provider.ts";
import type { StartCall, StartNeeds, StartOrder, StartRequest } from "../start.ts";

const order: StartNeeds = {
  credentials: [["consumer_key", "consumer_secret"]],
  options: {
    callback_url: { required: true, means: "where the payer's browser goes afterwards" },
    email: { required: false, means: "the payer's, where there is no phone" },
  },
  // A merchant reference may have several orders.
  idempotent: false,
};

/** An order, and the page that it is paid on. */
export const start: StartCall = {
  kinds: { checkout: order, payment: order },
  request: requestOf,
  read(answer, { now }) {
    const failure = failureByStatus(answer, now, true);
    if (failure) return failure;
    const field = fieldsOf(jsonObjectOf(answer));
    const trackingId = idOf(field("order_tracking_id"));
    if (!isOk(answer) || isObject(field("error"))) return refusedCall(answer);
    if (trackingId === null) return { kind: "unknown", reason: "the answer has no order_tracking_id" };
    const redirectUrl = textOf(field("redirect_url"));
    const refs = { order_tracking_id: trackingId };
    return { kind: "accepted", refs, message: null, ...(redirectUrl !== null && { redirectUrl }) };
  },
};

function requestOf({ amount, phone, reference, description, registeredIds, options }: StartOrder): StartRequest {
  const ipnId = registeredIds.ipn_id;
  const problems: FieldProblem[] = [];
  if (ipnId === undefined) problems.push({ path: "connection_id", message: "register the connection's IPN URL first" });
  if (amount === null) problems.push({ path: "amount", message: "required" });
  if (!/^[\w.:-]{1,50}$/.test(reference))
    problems.push({ path: "reference", message: "has to be at most 50 letters, digits, dashes, dots or colons" });
  if (phone === null && textOf(options.email) === null)
    problems.push({ path: "phone", message: "required, or options.email" });
  if (textOf(options.callback_url) === null) problems.push({ path: "options.callback_url", message: "required" });
  const [first, ...rest] = problems;
  if (first !== undefined) return { kind: "problems", problems: [first, ...rest] };
  const body = {
    id: reference,
    currency: amount!.currency,
    amount: Number(formatMoney(amount!)),
    description: (description ?? reference).slice(0, 100),
    callback_url: options.callback_url,
    notification_id: ipnId,
    billing_address: { email_address: options.email, phone_number: phone?.replace(/\D/g, "") },
  };
  return { kind: "call", call: postJson("/api/Transactions/SubmitOrderRequest", body, { auth: "bearer" }), refs: {} };
}
