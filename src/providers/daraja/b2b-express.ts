import type { Finding, Says } from "../../domain/evidence.ts";
import type { ProviderConnection } from "../call.ts";
import { currencyIn } from "../kit/country.ts";
import { type Fields, fieldsOf } from "../kit/fields.ts";
import { identityOf } from "../kit/identity.ts";
import { keyOf } from "../kit/key.ts";
import { collectProblems } from "../kit/problems.ts";
import { type StatusTable, saysOf } from "../kit/status-table.ts";
import { isZeroCode } from "../kit/success-code.ts";
import { idOf, present, textOf } from "../kit/text.ts";
import type { Channel, Reading } from "../provider.ts";
import { homeCountry } from "./home-country.ts";
import { realReceipt } from "./placeholder.ts";
import { accepted } from "./replies.ts";

/**
 * Result codes of B2B Express Checkout; an unknown one other than 0 is a failure too: the callback says that the prompt
 * is over. Source: Safaricom's documentation of the call, checked 2026-11-30.
 */
export const b2bExpressCodes = {
  "0": "completed",
  "4001": "failed", // cancelled at the till
  "4102": "failed", // the till's owner is not verified
  "4104": "failed", // the till has no nominated number
  "4201": "failed", // the USSD network failed
  "4203": "failed", // the USSD session failed
} as const satisfies StatusTable;

const identity = identityOf("request_id", "receipt");

/**
 * The result of B2B Express Checkout: a till was asked on its phone to pay, so a success is money that came in. The
 * body is flat, unlike every other result of Daraja's.
 */
export const b2bExpress: Channel = {
  forms: false,
  key: body => keyOf(idOf(fieldsOf(body)("requestId"))),
  read: (body, _callback, connection) => readB2bExpress(body, connection),
  recognizes: isB2bExpress,
  accepted,
  unreadable: null,
};

/** The request's id is the only field that no other body of Daraja's has. */
export function isB2bExpress(body: Record<string, unknown>): boolean {
  const field = fieldsOf(body);
  return idOf(field("requestId")) !== null && textOf(field("resultCode")) !== null;
}

function readB2bExpress(body: Record<string, unknown>, connection: ProviderConnection): Reading {
  const field = fieldsOf(body);
  const problems = collectProblems();
  const requestId = problems.id("requestId", field("requestId"));
  const code = problems.text("resultCode", field("resultCode"));
  const says = saysOfBody(code, field);
  const receipt = says === "completed" ? realReceipt(field("transactionId")) : null;
  const amount =
    says === "completed" ? problems.amount("amount", field("amount"), currencyIn(connection, homeCountry)) : undefined;
  const refs = { request_id: requestId, ...(receipt !== null && { receipt }) };
  const details = present({
    conversation_id: field("conversationID"),
    payment_reference: field("paymentReference"),
  });
  const finding: Finding = {
    kind: "payment",
    says,
    refs,
    identity: identity(refs),
    result: { code, description: textOf(field("resultDesc")) ?? "" },
    ...(amount && { amount }),
    ...(details && { details }),
  };
  return problems.found() ?? { kind: "evidence", findings: [finding] };
}

/** Code and status have to agree; `status` is SUCCESS, and absent in a failure [doc]. */
function saysOfBody(code: string, field: Fields): Says {
  const says = isZeroCode(code) ? "completed" : saysOf(b2bExpressCodes, code, "failed");
  const status = textOf(field("status")) ?? "";
  return says === "completed" && /fail|cancel|error|declin|reject/i.test(status) ? "contradiction" : says;
}
