import type { Finding, Says } from "../../domain/evidence.ts";
import { type Kind, kinds } from "../../domain/kinds.ts";
import { countryOf, currencyIn, type Settings } from "../kit/country.ts";
import { readEastAfricaTime } from "../kit/east-africa-time.ts";
import { type Fields, fieldsOf } from "../kit/fields.ts";
import type { Problems } from "../kit/problems.ts";
import { type ShownPhone, shownPhone } from "../kit/shown-phone.ts";
import { idOf, present, textOf } from "../kit/text.ts";
import { detailsOf, namedDetails, receiptOf } from "./details.ts";

/** Kyanda is Kenyan and prints no currency. */
export const homeCountry = "KE";

/**
 * All of an IPN but its ids and its outcome; the inner `details` of a transaction check have the same
 * fields.
 */
export type KyandaPayment = Pick<
  Finding,
  "amount" | "phone" | "phoneMasked" | "partyName" | "occurredAt" | "result" | "details"
> & {
  receipt: string | null;
};

/** `at` is where the fields stand, for problems: empty, or `details.`. */
export function paymentOf(
  body: Record<string, unknown>,
  kind: Kind,
  says: Says,
  problems: Problems,
  connection: Settings,
  at = "",
): KyandaPayment {
  const field = fieldsOf(body);
  const { code, word } = verdictOf(field);
  // An amount beside a message is its price.
  const isMessage = kinds[kind].family === "message";
  const money = isMessage ? undefined : field("amount");
  const amount = problems.amount(`${at}amount`, money, currencyIn(connection, homeCountry));
  const details = detailsOf(body);
  const phone = phoneOf(kind, field, countryOf(connection, homeCountry));
  const partyName = textOf(fieldsOf(details)("CustomerName"));
  const description = textOf(field("message", "transactiontxt")) ?? word ?? "";
  const occurredAt = readEastAfricaTime(field("transactionDate", "Posted_Time"));
  const more = present({
    ...namedDetails(details),
    account: accountOf(kind, field, countryOf(connection, homeCountry)),
    failure_reason: says === "failed" ? description : null,
  });
  return {
    receipt: receiptOf(details),
    ...(amount && { amount }),
    ...phone,
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
function phoneOf(kind: Kind, field: Fields, country: string): ShownPhone {
  const names = kinds[kind].direction === "in" ? ["source", "Phone"] : ["destination", "Phone"];
  const shown = names.map(name => mobile(field(name), country));
  return shown.find(each => each.phone !== undefined) ?? shown.find(each => each.phoneMasked !== undefined) ?? {};
}

/** A meter, a decoder, a bank account: what was paid for, where it is no phone. */
function accountOf(kind: Kind, field: Fields, country: string): string | null {
  const destination = field("destination", "account");
  const isPhone = Object.keys(mobile(destination, country)).length > 0;
  return kinds[kind].direction === "out" && !isPhone ? textOf(destination) : null;
}

/**
 * Kyanda's phones are Kenyan mobiles [doc]; by chance a meter number is an American phone, and a shortcode a landline.
 * On a connection of another country any number with nine digits and more.
 */
function mobile(value: unknown, country: string): ShownPhone {
  const { phone, phoneMasked } = shownPhone(value, country);
  if (phoneMasked !== undefined) return { phoneMasked };
  if (phone === undefined || !/\d{9}/.test(textOf(value) ?? "")) return {};
  return country !== homeCountry || /^\+254[17]\d{8}$/.test(phone) ? { phone } : {};
}
