import type { Finding, Says } from "../../domain/evidence.ts";
import { type Kind, kinds } from "../../domain/kinds.ts";
import { parsePhone } from "../../domain/phone.ts";
import { readEastAfricaTime } from "../kit/east-africa-time.ts";
import { type Fields, fieldsOf } from "../kit/fields.ts";
import type { Problems } from "../kit/problems.ts";
import { idOf, present, textOf } from "../kit/text.ts";
import { detailsOf, namedDetails, receiptOf } from "./details.ts";

/** Kyanda pays in whole shillings and prints no currency. */
const currency = "KES";

/**
 * All of an IPN but its ids and its outcome; the inner `details` of a transaction check have the same
 * fields.
 */
export type KyandaPayment = Pick<Finding, "amount" | "phone" | "partyName" | "occurredAt" | "result" | "details"> & {
  receipt: string | null;
};

/** `at` is where the fields stand, for problems: empty, or `details.`. */
export function paymentOf(
  body: Record<string, unknown>,
  kind: Kind,
  says: Says,
  problems: Problems,
  at = "",
): KyandaPayment {
  const field = fieldsOf(body);
  const { code, word } = verdictOf(field);
  const amount = problems.amount(`${at}amount`, field("amount"), currency);
  const details = detailsOf(body);
  const phone = phoneOf(kind, field);
  const partyName = textOf(fieldsOf(details)("CustomerName"));
  const description = textOf(field("message", "transactiontxt")) ?? word ?? "";
  const occurredAt = readEastAfricaTime(field("transactionDate", "Posted_Time"));
  const more = present({
    ...namedDetails(details),
    account: accountOf(kind, field),
    failure_reason: says === "failed" ? description : null,
  });
  return {
    receipt: receiptOf(details),
    ...(amount && { amount }),
    ...(phone !== null && { phone }),
    ...(partyName !== null && { partyName }),
    ...((code ?? word) !== null && { result: { code: code ?? word!, description } }),
    ...(occurredAt && { occurredAt }),
    ...(more && { details: more }),
  };
}

/** The id, by whichever of its names (see MAPPING.md). */
export function refOf(field: Fields): { ref: string | null; merchantReference: string | null } {
  const merchantReference = idOf(field("merchant_reference", "merchantReference"));
  const ref =
    idOf(field("transactionRef", "transaction_ref")) ?? merchantReference ?? idOf(field("transactionId", "ref"));
  return { ref, merchantReference };
}

/** Code and status; digits in the place of a status are a code. */
export function verdictOf(field: Fields): { code: string | null; word: string | null } {
  const status = textOf(field("status"));
  const code = textOf(field("status_code", "statusCode"));
  // Transaction checks print the code as `status`; an IPN may.
  const statusIsCode = code === null && status !== null && /^\d+$/.test(status);
  return { code: statusIsCode ? status : code, word: statusIsCode ? null : status };
}

/** The party that is not the merchant: the payer of money coming in, the receiver of what goes out. */
function phoneOf(kind: Kind, field: Fields): string | null {
  const names = kinds[kind].direction === "in" ? ["source", "Phone"] : ["destination", "Phone"];
  return names.map(name => kenyanMobile(field(name))).find(phone => phone !== null) ?? null;
}

/** A meter, a decoder, a bank account: what was paid for, where it is no phone. */
function accountOf(kind: Kind, field: Fields): string | null {
  const destination = field("destination", "account");
  return kinds[kind].direction === "out" && kenyanMobile(destination) === null ? textOf(destination) : null;
}

/**
 * Kyanda's phones are Kenyan mobiles [doc]; by chance a meter number is an American phone, and a shortcode a landline.
 */
function kenyanMobile(value: unknown): string | null {
  const phone = parsePhone(value);
  return phone !== null && /^\+254[17]\d{8}$/.test(phone) ? phone : null;
}
