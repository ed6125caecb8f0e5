import type { Finding, Says } from "../../domain/evidence.ts";
import type { ProviderRefs } from "../../domain/kinds.ts";
import { timeReader } from "../../domain/time.ts";
import { countryOf, currencyIn, type Settings } from "../kit/country.ts";
import { type Fields, fieldsOf } from "../kit/fields.ts";
import { identityOf } from "../kit/identity.ts";
import type { Problems } from "../kit/problems.ts";
import { shownPhone } from "../kit/shown-phone.ts";
import type { StatusTable } from "../kit/status-table.ts";
import { idOf, present, receiptOf, shortTextOf, textOf } from "../kit/text.ts";

/** Where the connection names no country. */
export const homeCountry = "KE";

export const dateFormats = ["yyyy-MM-ddTHH:mm[:ss[.SSS]]XX"];
const readTime = timeReader(dateFormats, 0);

export const identityOfKopokopo = identityOf("k2_id", "receipt");

/** The statuses of a transaction in a statement. */
export const saysByResourceStatus = {
  received: "completed",
  complete: "completed",
  reversed: "refunded",
} as const satisfies StatusTable;

/** What a payment's `resource` has beside its outcome. */
type ResourceFacts = Pick<
  Finding,
  "amount" | "phone" | "phoneMasked" | "phoneSha256" | "partyName" | "occurredAt" | "details"
>;

export function factsOf(resource: unknown, at: string, problems: Problems, connection: Settings): ResourceFacts {
  const field = fieldsOf(resource);
  const currency = textOf(field("currency")) ?? currencyIn(connection, homeCountry);
  const amount = problems.amount(`${at}.amount`, field("amount"), currency);
  const occurredAt = readTime(field("origination_time"));
  const names = ["sender_first_name", "sender_middle_name", "sender_last_name"].flatMap(
    name => textOf(field(name)) ?? [],
  );
  const details = present({ till_number: field("till_number"), sending_till: field("sending_till") });
  return {
    ...(amount && { amount }),
    ...shownPhone(field("sender_phone_number") ?? field("hashed_sender_phone"), countryOf(connection, homeCountry)),
    ...(names.length > 0 && { partyName: shortTextOf(names.join(" "))! }),
    ...(occurredAt && { occurredAt }),
    ...(details && { details }),
  };
}

/**
 * A payment to a till. Its receipt identifies it: the id of its resource is another than the one of the push that it
 * came of.
 */
export function tillPayment(
  resource: unknown,
  says: Says,
  at: string,
  problems: Problems,
  connection: Settings,
): Finding {
  const field = fieldsOf(resource);
  const refs = refsOf(field);
  if (Object.keys(refs).length === 0) problems.id(`${at}.reference`, undefined);
  const code = textOf(field("status")) ?? says;
  return {
    kind: "c2b",
    says,
    refs,
    identity: identityOfKopokopo(refs),
    result: { code, description: code },
    ...factsOf(resource, at, problems, connection),
  };
}

function refsOf(field: Fields): ProviderRefs {
  const receipt = receiptOf(field("reference"));
  if (receipt !== null) return { receipt };
  const id = idOf(field("id"));
  return id === null ? {} : { k2_id: id };
}
