import type { Finding, Says } from "../../domain/evidence.ts";
import type { Reading } from "../provider.ts";
import { countryOf, currencyIn, type Settings } from "./country.ts";
import { readEastAfricaTime } from "./east-africa-time.ts";
import { type Fields, fieldsAt, fieldsOf, isObject } from "./fields.ts";
import { identityOf } from "./identity.ts";
import { keyOf } from "./key.ts";
import { namedValues } from "./named-values.ts";
import { collectProblems } from "./problems.ts";
import { shownPhone } from "./shown-phone.ts";
import { type StatusTable, saysOf } from "./status-table.ts";
import { isZeroCode } from "./success-code.ts";
import { idOf, receiptOf, textOf } from "./text.ts";

/** Of providers whose pushes are Safaricom's, where the connection names no country. */
const country = "KE";
const at = "Body.stkCallback";

/**
 * What a push and the C2B payment it becomes are known by; the merchant request id is not unique and stays a mere ref.
 */
export const pushIdentity = identityOf("checkout_request_id", "receipt");

/** A push has one result, so its id names the news: a second result with another body is conflicting evidence. */
export function stkKey(body: Record<string, unknown>): string | null {
  return keyOf(idOf(stkFields(body)("CheckoutRequestID")));
}

/**
 * Reads the envelope that M-Pesa's STK push has at every provider: `Body.stkCallback`, with its metadata as `Item[]` or
 * as a flat object. A code that is not in the table is a failure: the callback says the push is over.
 */
export function readStk(body: Record<string, unknown>, codes: StatusTable, connection: Settings): Reading {
  const callback = stkFields(body);
  const metadata = namedValues(callback("CallbackMetadata"), "Item", "Name");
  const problems = collectProblems();
  const checkoutId = problems.id(`${at}.CheckoutRequestID`, callback("CheckoutRequestID"));
  const code = problems.text(`${at}.ResultCode`, callback("ResultCode"));
  const receipt = receiptOf(metadata("MpesaReceiptNumber"));
  const merchantId = idOf(callback("MerchantRequestID"));
  const says = consistent(saysOf(codes, isZeroCode(code) ? "0" : code, "failed"), receipt);
  const amount =
    says === "completed"
      ? problems.amount(`${at}.CallbackMetadata.Amount`, metadata("Amount"), currencyIn(connection, country))
      : undefined;
  const refs = {
    checkout_request_id: checkoutId,
    ...(merchantId !== null && { merchant_request_id: merchantId }),
    ...(receipt !== null && { receipt }),
  };
  const finding: Finding = {
    kind: "stk_push",
    says,
    refs,
    identity: pushIdentity(refs),
    result: { code, description: textOf(callback("ResultDesc")) ?? "" },
    ...(amount && { amount }),
    ...payerOf(metadata, connection),
  };
  return problems.found() ?? { kind: "evidence", findings: [finding] };
}

/** Only money that moved has a receipt: a failure with one contradicts itself, and needs a review. */
function consistent(says: Says, receipt: string | null): Says {
  return receipt !== null && says !== "completed" ? "contradiction" : says;
}

function payerOf(metadata: Fields, connection: Settings): Partial<Finding> {
  const occurredAt = readEastAfricaTime(metadata("TransactionDate"));
  return {
    ...shownPhone(metadata("PhoneNumber"), countryOf(connection, country)),
    ...(occurredAt && { occurredAt }),
  };
}

/** Whether a body is the envelope of a push. */
export function isStk(body: Record<string, unknown>): boolean {
  return isObject(fieldsOf(fieldsOf(body)("Body"))("stkCallback"));
}

function stkFields(body: Record<string, unknown>): Fields {
  return fieldsAt(body, "Body", "stkCallback");
}
