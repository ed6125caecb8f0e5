import { constants, publicEncrypt } from "node:crypto";
import { formatMoney } from "../../domain/money.ts";
import { countryOf } from "../kit/country.ts";
import { fieldsAt, fieldsOf } from "../kit/fields.ts";
import { postJson } from "../kit/post-json.ts";
import { failureByStatus, isOk, jsonObjectOf } from "../kit/response.ts";
import { safeCode } from "../kit/safe-text.ts";
import { refusedCall, saidIn } from "../kit/said.ts";
import { textOf } from "../kit/text.ts";
import type { Credentials, FieldProblem } from "../provider.ts";
import type { StartCall, StartNeeds, StartOrder, StartRequest } from "../start.ts";
import { homeCountry, marketHeaders } from "./home-country.ts";

/** Numbers go without their country's code. */
const callingCodes: Readonly<Record<string, string>> = {
  CD: "243",
  CG: "242",
  GA: "241",
  KE: "254",
  MG: "261",
  MW: "265",
  NE: "227",
  NG: "234",
  RW: "250",
  TD: "235",
  TZ: "255",
  UG: "256",
  ZM: "260",
};

/** `transaction.id` has at most 30 characters [code]. */
const idCharsMax = 30;

/** Our own mistakes, and a refusal: nothing was started [code]. Every other code may yet become a payment. */
const refusals = ["ESB000011", "ESB000033", "ESB000034", "ESB000035", "ESB000036", "ESB000039"];

const collection: StartNeeds = {
  credentials: [["client_id", "client_secret"]],
  options: {},
  // A second call with the id is refused as a duplicate (ESB000041) [code], which is no promise.
  idempotent: false,
};
const disbursement: StartNeeds = {
  ...collection,
  credentials: [["client_id", "client_secret", "pin", "public_key"]],
};

/** USSD push, and payout. */
export const start: StartCall = {
  kinds: { checkout: collection, payment: collection, mobile_payout: disbursement },
  request: requestOf,
  read(answer, { now }) {
    const failure = failureByStatus(answer, now, true);
    if (failure) return failure;
    const body = jsonObjectOf(answer);
    const call = fieldsOf(fieldsOf(body)("status"));
    const code = textOf(call("result_code")) ?? "";
    if (refusals.includes(code)) return refusedCall(answer, { ...saidIn(answer), code });
    if (!isOk(answer) && code === "") return refusedCall(answer);
    if (call("success") === true || textOf(call("success")) === "true") {
      return { kind: "accepted", refs: {}, message: textOf(fieldsAt(body, "data", "transaction")("status")) };
    }
    return { kind: "unknown", reason: `code ${safeCode(code)}` };
  },
};

function requestOf(order: StartOrder): StartRequest {
  const { kind, amount, phone, reference, description } = order;
  const id = order.id.replaceAll("-", "").slice(0, idCharsMax);
  const country = countryOf(order, homeCountry);
  const msisdn = nationalNumber(phone, country);
  const pin = kind === "mobile_payout" ? encryptedPin(order.credentials) : "";
  const problems: FieldProblem[] = [];
  if (amount === null) problems.push({ path: "amount", message: "required" });
  if (msisdn === null) problems.push({ path: "phone", message: `required: a wallet of ${country}` });
  if (pin === null) problems.push({ path: "connection_id", message: "public_key is no RSA key" });
  const [first, ...rest] = problems;
  if (first !== undefined) return { kind: "problems", problems: [first, ...rest] };
  const headers = marketHeaders(order);
  const money = { amount: Number(formatMoney(amount!)), id };
  const note = plain(description ?? reference);
  const { currency } = amount!;
  const [path, body] =
    kind === "mobile_payout"
      ? [
          "/standard/v1/disbursements/",
          {
            payee: { msisdn, wallet_type: "NORMAL" },
            reference: note,
            pin,
            transaction: { ...money, type: "B2C" },
          },
        ]
      : [
          "/merchant/v1/payments/",
          {
            reference: note,
            subscriber: { country, currency, msisdn },
            transaction: { ...money, country, currency },
          },
        ];
  return {
    kind: "call",
    call: postJson(path, body, { headers, auth: "bearer" }),
    refs: { transaction_id: id },
  };
}

function nationalNumber(phone: string | null, country: string): string | null {
  const code = callingCodes[country];
  return phone !== null && code !== undefined && phone.startsWith(`+${code}`) ? phone.slice(code.length + 1) : null;
}

function plain(text: string): string {
  return text
    .replace(/[^\w ]+/g, " ")
    .trim()
    .slice(0, 64);
}

/** RSA with PKCS #1 v1.5 [?]; null where the key is none. */
function encryptedPin({ pin, public_key }: Credentials): string | null {
  const key = (public_key ?? "").trim();
  const pem = key.startsWith("-----") ? key : `-----BEGIN PUBLIC KEY-----\n${key}\n-----END PUBLIC KEY-----`;
  try {
    const options = { key: pem, padding: constants.RSA_PKCS1_PADDING };
    return publicEncrypt(options, Buffer.from((pin ?? "").trim())).toString("base64");
  } catch {
    return null;
  }
}
