import type { Kind } from "../../domain/kinds.ts";
import type { ProviderResponse } from "../call.ts";
import { fieldsOf } from "../kit/fields.ts";
import { postJson } from "../kit/post-json.ts";
import { isOk, jsonObjectOf } from "../kit/response.ts";
import { safeCode } from "../kit/safe-text.ts";
import { reasonOf, refusedCall, saidIn } from "../kit/said.ts";
import { isZeroCode } from "../kit/success-code.ts";
import { textOf } from "../kit/text.ts";
import type { StartAnswer, StartCall, StartNeeds, StartOrder, StartRequest } from "../start.ts";
import { callFailureIn } from "./call-failure.ts";
import { saysOfCode } from "./codes.ts";
import { refOf, verdictOf } from "./payment.ts";
import { signatureOf } from "./signature.ts";
import { createChecks } from "./start-checks.ts";

type Options = StartNeeds["options"];
const option = (means: string, required = false) => ({ required, means });
const initiator: Options = {
  initiator_name: option("first and last name of the person who orders the payout", true),
  initiator_country: option("the country that person is in; Kenya by default"),
};
const wallet = option("MPESA (default), AIRTEL or EQUITEL");
const telco = (names: string) => option(names, true);
const initiatorPhone = option("the phone of who orders it, for Kyanda's records; the recipient's by default");

/** A second call is another order: Kyanda has no id of the caller's. */
const needs = (options: Options): StartNeeds => ({
  credentials: [["merchant_id", "api_key"]],
  options,
  idempotent: false,
  byRecipient: true,
});

/** Every call of Kyanda's that starts something. Each is signed over its own order of values. */
export const start: StartCall = {
  kinds: {
    checkout: needs({ channel: wallet }),
    mobile_payout: needs({ ...initiator, channel: wallet }),
    bank_payout: needs({
      ...initiator,
      bank_code: option("Kyanda's code of the bank, such as 101", true),
      name: option("first and last name of the account's holder", true),
    }),
    upi: needs({
      sender_party: option("your account's number", true),
      sender_channel: option("code of your bank, sacco or fintech", true),
      recipient_channel: option("code of the recipient's bank, sacco or fintech", true),
    }),
    b2b: needs({
      short_code: option("the paybill or till that is paid", true),
      channel: option("BusinessPayBill (default) or BusinessBuyGoods"),
    }),
    airtime: needs({ telco: telco("SAFARICOM, AIRTEL, EQUITEL, TELKOM or FAIBA"), initiator_phone: initiatorPhone }),
    data_bundle: needs({
      product_code: option("the bundle's code, such as DAILY_DATA_225MB", true),
      telco: option("FAIBA_B by default, which alone has bundles"),
      initiator_phone: initiatorPhone,
    }),
    pin_airtime: needs({ telco: telco("SAFARICOM, AIRTEL or TELKOM"), initiator_phone: initiatorPhone }),
    bill: needs({
      telco: telco("the biller, such as GOTV, DSTV, ZUKU, STARTIMES or NAIROBI_WTR"),
      initiator_phone: option("the phone of who orders it, for Kyanda's records; `phone` by default"),
    }),
    sms: needs({ otp: option("the code of four digits that is sent", true) }),
  },
  request,
  read: readStarted,
};

/** What one call sends beside `MerchantID` and `signature`, and the values that are signed, in their order. */
type Call = { path: string; body: Record<string, unknown>; signed: readonly string[] };

function request(order: StartOrder): StartRequest {
  const { credentials, kind } = order;
  const merchantId = (credentials.merchant_id ?? "").trim();
  const checks = createChecks(order);
  const { path, body, signed } = calls[kind as StartedKind](order, checks, merchantId);
  return checks.request(() => {
    const headers = { apiKey: (credentials.api_key ?? "").trim() };
    const isSigned = signed.length > 0;
    const whole = isSigned ? { MerchantID: merchantId, ...body, signature: signatureOf(credentials, ...signed) } : body;
    return { kind: "call", call: postJson(path, whole, { headers }), refs: {} };
  });
}

type Checks = ReturnType<typeof createChecks>;
type StartedKind = keyof typeof calls;

const calls = {
  checkout({ reference, options }, checks, merchantId) {
    const [amount, phoneNumber] = [checks.amount(), checks.phone()];
    const channel = checks.oneOf("channel", options.channel, ["MPESA", "AIRTEL", "EQUITEL"]);
    return {
      path: "/billing/v1/checkout/create",
      body: { phoneNumber, amount, channel, metadata: { reference } },
      signed: [amount, phoneNumber, channel, merchantId],
    };
  },
  mobile_payout({ options }, checks, merchantId) {
    const [amount, destinationPhone] = [checks.amount(), checks.phone()];
    const channel = checks.oneOf("channel", options.channel, ["MPESA", "AIRTEL", "EQUITEL"]);
    const source = sourceOf(checks);
    return {
      path: "/billing/v3/mobile-payout/create",
      body: { source, destination: { destinationPhone, amount, channel } },
      signed: [amount, destinationPhone, source.initiatorName, source.initiatorCountry, channel, merchantId],
    };
  },
  bank_payout(_order, checks, merchantId) {
    const [amount, accountNumber, phoneNumber] = [checks.amount(), checks.account("the bank account"), checks.phone()];
    const [bankCode, name] = [checks.matching("bank_code", /^\d{3}$/, "must have three digits"), checks.text("name")];
    const source = sourceOf(checks);
    const { initiatorName, initiatorCountry } = source;
    return {
      path: "/billing/v3/bank-payout/create",
      body: { source, destination: { name, accountNumber, phoneNumber, amount, bankCode } },
      signed: [amount, accountNumber, phoneNumber, bankCode, initiatorName, initiatorCountry, merchantId],
    };
  },
  /** The document shows neither a merchant nor a signature in this call, and its fields stand under `data`. */
  upi({ reference, description }, checks) {
    const [amount, recipient] = [checks.amount(), checks.account("the recipient's account")];
    const currency = "KSH";
    const data = {
      sender_party: checks.text("sender_party"),
      recipient_party: recipient,
      sender_channel: checks.text("sender_channel"),
      recipient_channel: checks.text("recipient_channel"),
      sender_curr: currency,
      recipient_curr: currency,
      amount,
      description: description ?? reference,
    };
    return { path: "/v1/transaction/transact-link", body: { data }, signed: [] };
  },
  b2b({ reference, description, options, callbackUrls }, checks, merchantId) {
    const [amount, identifier] = [checks.amount(), checks.account("the account at the paybill, or the till")];
    const shortCode = checks.matching("short_code", /^\d{5,8}$/, "must be a paybill or till number");
    const channel = checks.oneOf("channel", options.channel, ["BusinessPayBill", "BusinessBuyGoods"]);
    const destination = { shortCode, identifier, amount, remarks: description ?? reference };
    return {
      path: "/billing/v3/b2b/create",
      body: { channel, resultUrl: callbackUrls.ipn ?? "", destination },
      signed: [merchantId, channel, shortCode, identifier, amount],
    };
  },
  airtime(order, checks, merchantId) {
    const telcos = ["SAFARICOM", "AIRTEL", "EQUITEL", "TELKOM", "FAIBA"] as const;
    return airtimeOf(
      "/billing/v1/airtime/create",
      checks.oneOf("telco", order.options.telco, telcos),
      checks,
      merchantId,
    );
  },
  data_bundle(order, checks, merchantId) {
    const bundle = checks.text("product_code");
    const telco = checks.oneOf("telco", order.options.telco, ["FAIBA_B"]);
    const call = airtimeOf("/billing/v1/airtime/create", telco, checks, merchantId);
    return { ...call, body: { ...call.body, productCode: bundle } };
  },
  pin_airtime(order, checks, merchantId) {
    const telco = checks.oneOf("telco", order.options.telco, ["SAFARICOM", "AIRTEL", "TELKOM"]);
    return airtimeOf("/billing/v1/pin-airtime/create", telco, checks, merchantId);
  },
  bill(_order, checks, merchantId) {
    const [amount, account] = [checks.amount(), checks.account("the meter, decoder or customer number")];
    const telco = checks.matching("telco", /^[A-Z0-9_]{2,40}$/, "must be Kyanda's code of the biller");
    const initiatorPhone = checks.initiatorPhone();
    // The table of fields says `account`, the sample sends `phone`: it is the same number.
    const body = { account, phone: account, amount, telco, initiatorPhone };
    return { path: "/billing/v1/bill/create", body, signed: [amount, account, telco, initiatorPhone, merchantId] };
  },
  /** No document has this call's path: it is named as its siblings are. */
  sms(_order, checks, merchantId) {
    const [phone, otp] = [checks.phone(), checks.matching("otp", /^\d{4}$/, "must have four digits")];
    return { path: "/billing/v1/sms/create", body: { phone, otp }, signed: [phone, otp, merchantId] };
  },
} satisfies Partial<Record<Kind, (order: StartOrder, checks: Checks, merchantId: string) => Call>>;

function airtimeOf(path: string, telco: string, checks: Checks, merchantId: string): Call {
  const [amount, phone, initiatorPhone] = [checks.amount(), checks.phone(), checks.initiatorPhone()];
  const body = { phone, amount, telco, initiatorPhone };
  return { path, body, signed: [amount, phone, telco, initiatorPhone, merchantId] };
}

function sourceOf(checks: Checks) {
  const country = checks.text("initiator_country");
  return { initiatorName: checks.text("initiator_name"), initiatorCountry: country === "" ? "Kenya" : country };
}

/**
 * A reference and a code of acceptance say that Kyanda took the order. A rejection of its list took nothing, but for a
 * duplicate: what it repeats may have gone through. Every other answer says nothing.
 */
function readStarted(answer: ProviderResponse, { now }: StartOrder): StartAnswer {
  const field = fieldsOf(jsonObjectOf(answer));
  const { code, word } = verdictOf(field);
  const message = textOf(field("transactiontxt", "message")) ?? word;
  const said = { code, words: saidIn(answer).words };
  if (answer.status >= 500 || answer.status === 408) {
    return { kind: "unknown", reason: `HTTP ${answer.status}, ${reasonOf(answer.status, said)}` };
  }
  if (code !== null && duplicates.includes(code)) return { kind: "unknown", reason: reasonOf(answer.status, said) };
  const failure = callFailureIn(answer, code, now);
  if (failure?.kind === "unavailable") return { kind: "unknown", reason: failure.reason };
  if (failure) return failure;
  const isRejected = code !== null && saysOfCode(code) === "failed";
  if (isRejected || !isOk(answer)) return refusedCall(answer, said);
  const { ref } = refOf(field);
  const isTaken = code === null ? ref !== null : isZeroCode(code) || code === "1100" || code === "200";
  if (!isTaken) return { kind: "unknown", reason: `code ${safeCode(code ?? "")}` };
  return { kind: "accepted", refs: ref === null ? {} : { transaction_ref: ref }, message };
}

/** Duplicate transmissions: the original may have gone through [doc]. */
const duplicates: readonly string[] = ["8006", "9005"];
