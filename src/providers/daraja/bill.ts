import type { Finding } from "../../domain/evidence.ts";
import type { ProviderConnection } from "../call.ts";
import { countryOf, currencyIn } from "../kit/country.ts";
import { readEastAfricaTime } from "../kit/east-africa-time.ts";
import { fieldsOf } from "../kit/fields.ts";
import { keyOf } from "../kit/key.ts";
import { collectProblems } from "../kit/problems.ts";
import { jsonReply } from "../kit/reply.ts";
import { shownPhone } from "../kit/shown-phone.ts";
import { pushIdentity } from "../kit/stk-envelope.ts";
import { present, receiptOf, shortTextOf } from "../kit/text.ts";
import type { Channel, Reading } from "../provider.ts";
import { homeCountry } from "./home-country.ts";

/**
 * A payment that Bill Manager reports, up to five times: always money that came in, under M-Pesa's receipt, so that a
 * C2B confirmation of the same money is the same payment.
 */
export const bill: Channel = {
  forms: false,
  key: body => keyOf(receiptOf(fieldsOf(body)("transactionId"))),
  read: (body, _callback, connection) => readBill(body, connection),
  receiver(body) {
    const value = shortTextOf(fieldsOf(body)("shortCode"));
    return value === null ? null : { path: "shortCode", value };
  },
  recognizes(body) {
    const field = fieldsOf(body);
    return receiptOf(field("transactionId")) !== null && field("paidAmount") !== undefined;
  },
  accepted: () => jsonReply({ rescode: "200", resmsg: "Success" }),
  unreadable: null,
};

function readBill(body: Record<string, unknown>, connection: ProviderConnection): Reading {
  const field = fieldsOf(body);
  const problems = collectProblems();
  const receipt = problems.id("transactionId", receiptOf(field("transactionId")) ?? field("transactionId"));
  const amount = problems.amount("paidAmount", field("paidAmount"), currencyIn(connection, homeCountry));
  if (!amount && field("paidAmount") === undefined) problems.add("paidAmount", "required");
  const refs = { receipt };
  const reference = shortTextOf(field("accountReference"));
  const partyName = shortTextOf(field("fullName"));
  const paidAt = field("dateCreated", "paymentDate");
  // Documented as a day alone, which is no instant.
  const occurredAt = readEastAfricaTime(paidAt);
  const details = present({
    shortcode: field("shortCode"),
    external_reference: field("externalReference"),
    invoice_name: field("invoiceName"),
    payment_date: occurredAt === null ? paidAt : null,
  });
  const finding: Finding = {
    kind: "c2b",
    says: "completed",
    refs,
    identity: pushIdentity(refs),
    ...(amount && { amount }),
    ...(reference !== null && { reference }),
    ...shownPhone(field("msisdn", "phoneNumber"), countryOf(connection, homeCountry)),
    ...(partyName !== null && { partyName }),
    ...(occurredAt && { occurredAt }),
    ...(details && { details }),
  };
  return problems.found() ?? { kind: "evidence", findings: [finding] };
}
