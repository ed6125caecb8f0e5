import { formatMoney } from "../../domain/money.ts";
import { postJson } from "../kit/post-json.ts";
import { failureByStatus } from "../kit/response.ts";
import { reasonOf, refusedCall, saidIn } from "../kit/said.ts";
import type { FieldProblem, NonEmpty } from "../provider.ts";
import type { StartCall, StartNeeds, StartOrder, StartRequest } from "../start.ts";
import { type MtnProduct, needsOf, pathOf, productOf, subscriptionKey } from "./products.ts";
import { noTargetEnvironment, targetEnvironment } from "./target-environment.ts";

const noteCharsMax = 160;

/** A reference id is one payment: a second call with it is answered 409. */
const needs = (product: MtnProduct): StartNeeds => ({
  credentials: needsOf(product),
  options: {
    payer_message: { required: false, means: "shown to the payer, at most 160 plain letters and digits" },
    payee_note: { required: false, means: "shown to the payee, at most 160 plain letters and digits" },
  },
  idempotent: true,
});

/** Request to pay, and transfer. */
export const start: StartCall = {
  kinds: {
    checkout: needs("collection"),
    payment: needs("collection"),
    mobile_payout: needs("disbursement"),
  },
  request: requestOf,
  read(answer, { id, now }) {
    if (answer.status === 202) return { kind: "accepted", refs: { reference_id: id }, message: null };
    // The earlier call was accepted, or was not this payment: the status call knows.
    if (answer.status === 409) return { kind: "unknown", reason: reasonOf(answer.status, saidIn(answer)) };
    const failure = failureByStatus(answer, now, true);
    if (failure) return failure;
    if (answer.status >= 400) return refusedCall(answer);
    return { kind: "unknown", reason: `HTTP ${answer.status}` };
  },
};

function requestOf(order: StartOrder): StartRequest {
  const { kind, id, amount, phone, reference, description, options, callbackUrls } = order;
  const product = productOf(kind);
  const target = targetEnvironment(order);
  const problems: FieldProblem[] = [];
  if (amount === null) problems.push({ path: "amount", message: "required" });
  if (phone === null) problems.push({ path: "phone", message: "required: the wallet" });
  if (target === null) problems.push({ path: "connection_id", message: noTargetEnvironment });
  const [first, ...rest] = problems;
  if (first !== undefined) return { kind: "problems", problems: [first, ...rest] satisfies NonEmpty<FieldProblem> };
  const party = { partyIdType: "MSISDN", partyId: phone!.replace(/\D/g, "") };
  const callbackUrl = callbackUrls[product];
  const headers = {
    "x-reference-id": id,
    "x-target-environment": target!,
    ...subscriptionKey(product, order.credentials),
    ...(callbackUrl !== undefined && { "x-callback-url": `${callbackUrl}?reference_id=${id}` }),
  };
  const body = {
    amount: formatMoney(amount!),
    currency: amount!.currency,
    externalId: reference,
    [product === "collection" ? "payer" : "payee"]: party,
    payerMessage: noteOf(options.payer_message ?? description ?? reference),
    payeeNote: noteOf(options.payee_note ?? reference),
  };
  const call = postJson(pathOf[product], body, { headers, auth: { token: product } });
  return { kind: "call", call, refs: { reference_id: id } };
}

/** Other signs than letters and digits have made calls fail [code]. */
function noteOf(value: unknown): string {
  return String(value)
    .normalize("NFKD")
    .replace(/[^\w.,-]+/g, " ")
    .trim()
    .slice(0, noteCharsMax);
}
