import { countryOf, currencyIn, type Settings } from "../kit/country.ts";
import { readEastAfricaTime } from "../kit/east-africa-time.ts";
import { fieldsOf } from "../kit/fields.ts";
import { collectProblems, type Problems } from "../kit/problems.ts";
import { shownPhone } from "../kit/shown-phone.ts";
import { present, receiptOf, shortTextOf } from "../kit/text.ts";
import { homeCountry } from "./home-country.ts";

/** The body that C2B validations, which await a decision, and C2B confirmations share. */
export function c2bFields(body: Record<string, unknown>, connection: Settings, problems: Problems = collectProblems()) {
  const fields = fieldsOf(body);
  const names = [fields("FirstName"), fields("MiddleName"), fields("LastName")].map(shortTextOf);
  return {
    receipt: problems.id("TransID", receiptOf(fields("TransID")) ?? fields("TransID")),
    amount: problems.amount("TransAmount", fields("TransAmount"), currencyIn(connection, homeCountry)),
    /** Typed by the payer: spaces, case and mistakes are theirs. */
    reference: shortTextOf(fields("BillRefNumber")),
    /** Whole, masked (v2) or hashed (v1). */
    payer: shownPhone(fields("MSISDN"), countryOf(connection, homeCountry)),
    partyName: names.filter(name => name !== null).join(" ") || null,
    occurredAt: readEastAfricaTime(fields("TransTime")),
    details: present({
      transaction_type: fields("TransactionType"),
      shortcode: fields("BusinessShortCode"),
      invoice_number: fields("InvoiceNumber"),
      third_party_transaction_id: fields("ThirdPartyTransID"),
    }),
  };
}

/** The shortcode that was paid. */
export function c2bReceiver(body: Record<string, unknown>): { path: string; value: string } | null {
  const value = shortTextOf(fieldsOf(body)("BusinessShortCode"));
  return value === null ? null : { path: "BusinessShortCode", value };
}
