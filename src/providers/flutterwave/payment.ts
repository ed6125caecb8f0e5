import type { Finding } from "../../domain/evidence.ts";
import { type Kind, kinds, type ProviderRefs } from "../../domain/kinds.ts";
import { timeReader } from "../../domain/time.ts";
import { countryOf, type Settings } from "../kit/country.ts";
import { type Fields, fieldsAt, fieldsOf, isObject } from "../kit/fields.ts";
import type { Problems } from "../kit/problems.ts";
import { shownPhone } from "../kit/shown-phone.ts";
import { type StatusTable, saysOf } from "../kit/status-table.ts";
import { idOf, present, shortTextOf, textOf } from "../kit/text.ts";
import { identityOfFlutterwave } from "./identity.ts";

export const dateFormats = ["yyyy-MM-ddTHH:mm[:ss[.SSS]]XX"];
const readTime = timeReader(dateFormats, 0);

/** The words of both versions, of charges and transfers. */
export const saysByStatus = {
  successful: "completed",
  succeeded: "completed",
  failed: "failed",
  voided: "failed",
  pending: "pending",
  new: "pending",
} as const satisfies StatusTable;

/** A charge or a transfer: `data` of a webhook, and of an answer. */
export function findingOf(kind: Kind, data: unknown, problems: Problems, connection: Settings): Finding {
  const field = fieldsOf(data);
  const refs = refsOf(field);
  if (identityOfFlutterwave(kind, refs).length === 0) problems.id("data.tx_ref", undefined);
  const status = problems.text("data.status", field("status"));
  const amount = problems.amount("data.amount", field("amount"), textOf(field("currency")));
  const says = saysOf(saysByStatus, status, "pending");
  const response = textOf(responseOf(field)) ?? status;
  const reference = shortTextOf(refs.tx_ref);
  const occurredAt = readTime(field("created_at", "created_datetime"));
  const partyName = nameOf(data);
  const details = present({
    payment_method: field("payment_type") ?? fieldsAt(data, "payment_method")("type"),
    flw_ref: field("flw_ref"),
    fees: field("app_fee", "fee"),
    failure_reason: says === "failed" ? response : null,
  });
  return {
    kind,
    says,
    refs,
    identity: identityOfFlutterwave(kind, refs),
    result: { code: status, description: response },
    ...(amount && { amount }),
    ...shownPhone(phoneOf(data), countryOf(connection, "")),
    ...(partyName !== null && { partyName }),
    ...(reference !== null && { reference }),
    ...(occurredAt && { occurredAt }),
    ...(details && { details }),
    ...(refs.flw_id !== undefined && kinds[kind].direction === "in" && { tryId: refs.flw_id }),
  };
}

/** Version 4 calls the merchant's reference `reference`, as both do of a transfer. */
function refsOf(field: Fields): ProviderRefs {
  const txRef = idOf(field("tx_ref", "txRef", "reference"));
  const id = idOf(field("id"));
  return { ...(txRef !== null && { tx_ref: txRef }), ...(id !== null && { flw_id: id }) };
}

/** A text in version 3, an object in version 4. */
function responseOf(field: Fields): unknown {
  const response = field("processor_response", "complete_message");
  return isObject(response) ? fieldsOf(response)("type", "code") : response;
}

/** A text in version 3, `{country_code, number}` in version 4. */
function phoneOf(data: unknown): unknown {
  const customer = fieldsAt(data, "customer");
  const phone = customer("phone");
  if (!isObject(phone)) return customer("phone_number", "phonenumber") ?? phone;
  const part = (name: string) => (textOf(fieldsOf(phone)(name)) ?? "").replace(/\D/g, "");
  return `+${part("country_code")}${part("number").replace(/^0/, "")}`;
}

function nameOf(data: unknown): string | null {
  const name = fieldsAt(data, "customer")("name", "fullname");
  if (!isObject(name)) return shortTextOf(name);
  const field = fieldsOf(name);
  const parts = [field("first"), field("middle"), field("last")].flatMap(part => textOf(part) ?? []);
  return parts.length === 0 ? null : shortTextOf(parts.join(" "));
}
