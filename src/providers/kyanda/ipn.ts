import type { Finding } from "../../domain/evidence.ts";
import { type Kind, kinds, type ProviderRefs } from "../../domain/kinds.ts";
import { parsePhone } from "../../domain/phone.ts";
import { parseProviderTime } from "../../domain/time.ts";
import { type Fields, fieldsOf } from "../kit/fields.ts";
import { identityOf } from "../kit/identity.ts";
import { keyOf } from "../kit/key.ts";
import { collectProblems } from "../kit/problems.ts";
import { jsonReply } from "../kit/reply.ts";
import { idOf, present, textOf } from "../kit/text.ts";
import type { Channel, Reading } from "../provider.ts";
import { kindOf } from "./category.ts";
import { saysOfIpn } from "./codes.ts";
import { detailsOf, namedDetails, receiptOf } from "./details.ts";

/** Kyanda pays in whole shillings and prints no currency. */
const currency = "KES";

export const identityOfKyanda = identityOf("transaction_ref");

/** Instant Payment Notifications: one URL for every product (see MAPPING.md). Every object gets the accepted answer. */
export const ipn: Channel = {
  forms: true,
  key(body) {
    const { ref, code, word } = headOf(fieldsOf(body));
    return keyOf(ref, code, word?.toLowerCase() ?? null);
  },
  read: readIpn,
  accepted: () => jsonReply({ status: "success" }),
  unreadable: null,
};

function readIpn(body: Record<string, unknown>): Reading {
  const field = fieldsOf(body);
  const problems = collectProblems();
  const { ref, merchantReference, code, word } = headOf(field);
  if (ref === null) problems.id("transactionRef", field("transactionRef", "merchant_reference"));
  const amount = problems.amount("amount", field("amount"), currency);
  const found = problems.found();
  if (found) return found;

  const details = detailsOf(body);
  const receipt = receiptOf(details);
  const kind = kindOf(textOf(field("category")), textOf(field("direction")));
  const says = saysOfIpn(code, word);
  const refs: ProviderRefs = { transaction_ref: ref!, ...(receipt !== null && { receipt }) };
  const phone = phoneOf(kind, field);
  const partyName = textOf(fieldsOf(details)("CustomerName"));
  const description = textOf(field("message", "transactiontxt")) ?? word ?? "";
  const occurredAt = parseProviderTime(field("transactionDate", "Posted_Time"));
  const more = present({
    ...namedDetails(details),
    account: accountOf(kind, field),
    failure_reason: says === "failed" ? description : null,
  });
  const finding: Finding = {
    kind,
    says,
    refs,
    identity: identityOfKyanda(refs),
    ...(amount && { amount }),
    ...(phone !== null && { phone }),
    ...(partyName !== null && { partyName }),
    ...((code ?? word) !== null && { result: { code: code ?? word!, description } }),
    ...(merchantReference !== null && merchantReference !== ref && { reference: merchantReference }),
    ...(occurredAt && { occurredAt }),
    ...(more && { details: more }),
  };
  return { kind: "evidence", findings: [finding] };
}

/**
 * What names the news. `merchant_reference`, `transactionId` and UPI's `ref` are what Kyanda's create answers call the same number,
 * so each stands in where `transactionRef` is missing.
 */
function headOf(field: Fields) {
  const merchantReference = idOf(field("merchant_reference", "merchantReference"));
  const ref =
    idOf(field("transactionRef", "transaction_ref")) ?? merchantReference ?? idOf(field("transactionId", "ref"));
  const status = textOf(field("status"));
  const code = textOf(field("status_code", "statusCode"));
  // Transaction checks print the code as `status`; an IPN may.
  const statusIsCode = code === null && status !== null && /^\d+$/.test(status);
  return { ref, merchantReference, code: statusIsCode ? status : code, word: statusIsCode ? null : status };
}

/** Whoever is not the merchant: the payer of money coming in, the receiver of what goes out. */
function phoneOf(kind: Kind, field: Fields): string | null {
  const names = kinds[kind].direction === "in" ? ["source", "Phone"] : ["destination", "Phone"];
  return names.map(name => kenyanMobile(field(name))).find(phone => phone !== null) ?? null;
}

/** A meter, a decoder, a bank account: what was paid for, where it is no phone. */
function accountOf(kind: Kind, field: Fields): string | null {
  const destination = field("destination", "account");
  return kinds[kind].direction === "out" && kenyanMobile(destination) === null ? textOf(destination) : null;
}

/** Kyanda's phones are Kenyan mobiles [doc]; by chance a meter number is an American phone, and a shortcode a landline. */
function kenyanMobile(value: unknown): string | null {
  const phone = parsePhone(value);
  return phone !== null && /^\+254[17]\d{8}$/.test(phone) ? phone : null;
}
