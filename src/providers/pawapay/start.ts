import { formatMoney, type Money } from "../../domain/money.ts";
import { fieldsOf } from "../kit/fields.ts";
import { postJson } from "../kit/post-json.ts";
import { failureByStatus, isOk, jsonObjectOf } from "../kit/response.ts";
import { safeCode, safeText } from "../kit/safe-text.ts";
import { refusedCall } from "../kit/said.ts";
import { textOf } from "../kit/text.ts";
import type { FieldProblem } from "../provider.ts";
import type { StartCall, StartNeeds, StartOrder, StartRequest } from "../start.ts";
import { productOf, products } from "./products.ts";
import { authorized } from "./status.ts";

/** The id that the caller chooses is the idempotency key [doc]. */
const toWallet: StartNeeds = {
  credentials: [["api_token"]],
  options: {
    operator: { required: true, means: "pawaPay's name of the operator, such as `MTN_MOMO_ZMB`" },
    customer_message: { required: false, means: "what the payer reads, 4 to 22 letters and digits" },
  },
  idempotent: true,
};

/** Deposits, payouts, and refunds of deposits. */
export const start: StartCall = {
  kinds: {
    checkout: toWallet,
    payment: toWallet,
    mobile_payout: toWallet,
    reversal: { ...toWallet, options: {} },
  },
  request: requestOf,
  read(answer, { kind, id, now }) {
    const failure = failureByStatus(answer, now, false);
    if (failure) return failure;
    const field = fieldsOf(jsonObjectOf(answer));
    const word = textOf(field("status"))?.toUpperCase() ?? "";
    const reason = fieldsOf(field("failureReason"));
    const code = textOf(reason("failureCode"));
    if (word === "REJECTED") {
      const words = safeText(reason("failureMessage"));
      return { kind: "refused", code: code === null ? null : safeCode(code), reason: words ?? safeCode(code ?? word) };
    }
    if (isOk(answer) && word === "ACCEPTED") {
      return { kind: "accepted", refs: { [products[productOf(kind)].ref]: id }, message: null };
    }
    if (!isOk(answer)) return refusedCall(answer);
    return { kind: "unknown", reason: `status ${safeCode(word)}` };
  },
};

function requestOf(order: StartOrder): StartRequest {
  const { kind, id, amount, phone, reference, description, reverses, options } = order;
  const product = productOf(kind);
  const { id: idName, ref, party } = products[product];
  const deposit = reverses?.deposit_id;
  const problems: FieldProblem[] = [];
  if (product === "refunds" && deposit === undefined)
    problems.push({ path: "transaction_id", message: "is of no deposit" });
  if (product !== "refunds" && amount === null) problems.push({ path: "amount", message: "required" });
  if (product !== "refunds" && phone === null) problems.push({ path: "phone", message: "required: the wallet" });
  if (product !== "refunds" && textOf(options.operator) === null)
    problems.push({ path: "options.operator", message: "required" });
  const [first, ...rest] = problems;
  if (first !== undefined) return { kind: "problems", problems: [first, ...rest] };
  const message = messageOf(options.customer_message ?? description);
  const accountDetails = { phoneNumber: phone?.replace(/\D/g, ""), provider: options.operator };
  const body = {
    [idName]: id,
    ...(amount && { amount: shortest(amount), currency: amount.currency }),
    ...(product === "refunds" ? { depositId: deposit } : { [party]: { type: "MMO", accountDetails } }),
    clientReferenceId: reference,
    ...(product !== "refunds" && message !== null && { customerMessage: message }),
  };
  const call = postJson(`/v2/${product}`, body, { headers: authorized(order.credentials) });
  return { kind: "call", call, refs: { [ref]: id } };
}

/** Some operators take no decimals at all, so `.00` is left out [doc]. */
function shortest(amount: Money): string {
  return formatMoney(amount).replace(/\.0+$/, "");
}

/** From 4 to 22 letters, digits and spaces [mem]; else none. */
function messageOf(value: unknown): string | null {
  const text = textOf(value)
    ?.normalize("NFKD")
    .replace(/[^A-Za-z0-9]+/g, " ")
    .trim()
    .slice(0, 22)
    .trim();
  return text === undefined || text.length < 4 ? null : text;
}
