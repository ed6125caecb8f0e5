import { formatMoney } from "../../domain/money.ts";
import type { ProviderResponse } from "../call.ts";
import { fieldsOf } from "../kit/fields.ts";
import { postJson } from "../kit/post-json.ts";
import { failureByStatus, isOk, jsonObjectOf } from "../kit/response.ts";
import { safeText } from "../kit/safe-text.ts";
import { refusedCall, saidIn } from "../kit/said.ts";
import { idOf, present, textOf } from "../kit/text.ts";
import type { FieldProblem } from "../provider.ts";
import type { StartAnswer, StartCall, StartNeeds, StartOrder, StartRequest } from "../start.ts";

type Options = StartNeeds["options"];
const needs = (options: Options, byRecipient: boolean): StartNeeds => ({
  credentials: [["client_id", "client_secret"]],
  options,
  idempotent: false,
  ...(byRecipient && { byRecipient: true }),
});
const optional = (means: string) => ({ required: false, means });

/** Of one SMS [doc]. */
const smsCharsMax = 160;

/** Codian's calls. Only a push is answered with an id; what else is sent is found again by its recipient. */
export const start: StartCall = {
  kinds: {
    stk_push: needs({}, true),
    checkout: needs(
      {
        success_url: { required: true, means: "where the payer goes afterwards; it proves nothing" },
        failure_url: { required: true, means: "where the payer goes otherwise" },
        amount_readonly: optional("true (default): the payer may not change the amount"),
        transaction_desc_readonly: optional("true or false; Codian's default where left out"),
      },
      false,
    ),
    sms: needs({}, true),
    email: needs(
      {
        subject: { required: true, means: "the subject" },
        body: optional("text or HTML of the message; `description` where left out"),
      },
      true,
    ),
    airtime: needs({}, true),
  },
  request,
  read: readStarted,
};

/** The host of everything but pushes. */
const site = "site";

function request(order: StartOrder): StartRequest {
  const { kind, reference, description, account, options } = order;
  const problems: FieldProblem[] = [];
  const add = (path: string, message: string) => void problems.push({ path, message });
  const wallet = () => walletOf(order, add);
  const amount = () => amountOf(order, add);
  const call = (path: string, body: Record<string, unknown>, host?: string): StartRequest => {
    const [first, ...rest] = problems;
    if (first !== undefined) return { kind: "problems", problems: [first, ...rest] };
    const { client_id, client_secret } = order.credentials;
    const posted = postJson(path, { client_id, client_secret, ...body });
    return { kind: "call", call: { ...posted, ...(host !== undefined && { host }) }, refs: {} };
  };
  switch (kind) {
    case "stk_push":
      return call("/v1/payments/c2b/initiate/", { amount: amount(), phone: wallet() });
    case "airtime":
      return call("/api/airtime/send", { phone_number: wallet(), amount: amount() }, site);
    case "sms": {
      if (description === null) add("description", "is required: the text of the message");
      if ((description?.length ?? 0) > smsCharsMax) add("description", `must have at most ${smsCharsMax} characters`);
      return call("/api/sms/send", { phone_number: wallet(), message: description }, site);
    }
    case "email": {
      const body = options.body ?? description;
      if (account === null || !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(account)) add("account", "must be an e-mail address");
      if (typeof options.subject !== "string") add("options.subject", "must be text");
      if (typeof body !== "string") add("description", "is required, or options.body: the text of the message");
      return call("/api/emails/send", { recipient: account, subject: options.subject, body }, site);
    }
    default:
      return call("/session/checkout/", checkoutBody(order, amount(), add, description ?? reference), site);
  }
}

function checkoutBody(
  { options }: StartOrder,
  amount: number,
  add: (path: string, message: string) => void,
  transaction_desc: string,
) {
  for (const name of ["success_url", "failure_url"]) {
    const url = options[name];
    if (typeof url !== "string" || !/^https?:\/\//.test(url) || !URL.canParse(url)) {
      add(`options.${name}`, "must be a URL that begins with https:// or http://");
    }
  }
  const flag = (name: string, otherwise: boolean | undefined) => {
    const value = options[name] ?? otherwise;
    if (value !== undefined && ![true, false, 0, 1].includes(value as boolean)) {
      add(`options.${name}`, "must be true or false");
    }
    return value === undefined ? {} : { [name]: value === true || value === 1 ? 1 : 0 };
  };
  return {
    amount,
    transaction_desc,
    success_url: options.success_url,
    failure_url: options.failure_url,
    ...flag("amount_readonly", true),
    ...flag("transaction_desc_readonly", undefined),
  };
}

/** `2547XXXXXXXX` [doc]. */
function walletOf({ phone }: StartOrder, add: (path: string, message: string) => void): string {
  if (phone === null) add("phone", "is required");
  else if (!/^\+254[17]\d{8}$/.test(phone)) add("phone", "must be a Kenyan mobile number, such as +254700000001");
  return phone?.slice(1) ?? "";
}

/** In KES, at least 1 [doc]. */
function amountOf({ amount }: StartOrder, add: (path: string, message: string) => void): number {
  if (amount === null) add("amount", "is required");
  else if (amount.currency !== "KES") add("currency", "must be KES");
  else if (amount.minor < 100n) add("amount", "must be at least 1");
  return amount === null ? 0 : Number(formatMoney(amount));
}

/** Words of a refusal after which the order may have been taken all the same. */
const doubtful = /time[ds]?[\s-]*out|duplicate|already|process/i;

/** `success` says that Codian took the order. `error`, or a description, is why it did not. */
function readStarted(answer: ProviderResponse, { now, kind }: StartOrder): StartAnswer {
  const failure = failureByStatus(answer, now, false);
  if (failure) return failure;
  const field = fieldsOf(jsonObjectOf(answer));
  const success = textOf(field("success"));
  const words = textOf(field("error", "ResponseDescription", "message"));
  const message = safeText(words);
  const refs = present({
    checkout_request_id: idOf(field("CheckoutRequestID", "checkout_request_id")),
    merchant_request_id: idOf(field("MerchantRequestID", "merchant_request_id")),
  });
  if (success === "false" || !isOk(answer)) {
    if (doubtful.test(words ?? "")) return { kind: "unknown", reason: message ?? "" };
    return refusedCall(answer, { code: saidIn(answer).code, words: message });
  }
  const url = textOf(field("redirect_url"));
  const isTaken = success === "true" || (kind === "stk_push" && refs !== undefined);
  if (!isTaken) return { kind: "unknown", reason: "an answer without success" };
  const redirect = kind === "checkout" && url !== null && URL.canParse(url) ? { redirectUrl: url } : {};
  return { kind: "accepted", refs: kind === "stk_push" ? (refs ?? {}) : {}, message, ...redirect };
}
