import type { Finding } from "../../domain/evidence.ts";
import { formatMoney, parseMinorAmount } from "../../domain/money.ts";
import { timeReader } from "../../domain/time.ts";
import { countryOf, type Settings } from "../kit/country.ts";
import { type Fields, fieldsAt, fieldsOf } from "../kit/fields.ts";
import type { Problems } from "../kit/problems.ts";
import { shownPhone } from "../kit/shown-phone.ts";
import { present, shortTextOf, textOf } from "../kit/text.ts";

export const dateFormats = ["yyyy-MM-ddTHH:mm[:ss[.SSS]][XX]", "yyyy-MM-dd HH:mm[:ss[.SSS]][ ][XX]"];
const readTime = timeReader(dateFormats, 0);

/** What a charge or a transfer has beside its outcome, in a webhook as in an answer. */
export type PaystackFacts = Pick<Finding, "amount" | "phone" | "phoneMasked" | "partyName" | "occurredAt" | "details">;

/** Amounts are hundredths of every currency, those without a minor unit included: 8500000 is 85,000.00. */
export function amountOf(field: Fields, name: string, at: string, problems: Problems): Pick<PaystackFacts, "amount"> {
  if (field(name) === undefined) return {};
  const currency = problems.text(`${at}currency`, field("currency"));
  if (currency === "") return {};
  const amount = problems.money(`${at}${name}`, parseMinorAmount(field(name), currency));
  return amount ? { amount } : {};
}

export function chargeFacts(data: unknown, at: string, problems: Problems, connection: Settings): PaystackFacts {
  const field = fieldsOf(data);
  const customer = fieldsAt(data, "customer");
  const authorization = fieldsAt(data, "authorization");
  const phone = authorization("mobile_money_number") ?? customer("phone", "international_format_phone");
  const occurredAt = readTime(field("paid_at", "paidAt"));
  const partyName = nameOf(customer);
  const details = present({
    paystack_id: field("id"),
    payment_method: field("channel"),
    fees: feesOf(field),
  });
  return {
    ...amountOf(field, "amount", at, problems),
    ...shownPhone(phone, countryOf(connection, "")),
    ...(partyName !== null && { partyName }),
    ...(occurredAt && { occurredAt }),
    ...(details && { details }),
  };
}

export function transferFacts(data: unknown, at: string, problems: Problems): PaystackFacts {
  const field = fieldsOf(data);
  const recipient = fieldsAt(data, "recipient");
  const partyName = shortTextOf(recipient("name"));
  const occurredAt = readTime(field("transferred_at", "updated_at"));
  const details = present({ paystack_id: field("id"), transfer_code: field("transfer_code") });
  return {
    ...amountOf(field, "amount", at, problems),
    ...(partyName !== null && { partyName }),
    ...(occurredAt && { occurredAt }),
    ...(details && { details }),
  };
}

function nameOf(customer: Fields): string | null {
  const names = [customer("first_name"), customer("last_name")].flatMap(name => textOf(name) ?? []);
  return names.length === 0 ? null : shortTextOf(names.join(" "));
}

/** Fees are for people: where they cannot be read they are left out. */
function feesOf(field: Fields): string | null {
  const currency = textOf(field("currency"));
  if (currency === null || field("fees") === undefined) return null;
  const fees = parseMinorAmount(field("fees"), currency);
  return fees.ok ? formatMoney(fees.money) : null;
}
