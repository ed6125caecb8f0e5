import type { Finding } from "../../domain/evidence.ts";
import type { ProviderRefs } from "../../domain/kinds.ts";
import type { ProviderConnection } from "../call.ts";
import { fieldsOf } from "../kit/fields.ts";
import { identityOf } from "../kit/identity.ts";
import { keyOf } from "../kit/key.ts";
import { collectProblems } from "../kit/problems.ts";
import { jsonReply } from "../kit/reply.ts";
import { shortTextOf, textOf } from "../kit/text.ts";
import type { Channel, Reading } from "../provider.ts";
import { kindOf } from "./category.ts";
import { saysOfIpn } from "./codes.ts";
import { paymentOf, refOf, verdictOf } from "./payment.ts";

export const identityOfKyanda = identityOf("transaction_ref");

/** Instant Payment Notifications: one URL for every product (see MAPPING.md). Every object gets the accepted answer. */
export const ipn: Channel = {
  forms: true,
  key(body) {
    const field = fieldsOf(body);
    const { code, word } = verdictOf(field);
    return keyOf(refOf(field).ref, code, word?.toLowerCase() ?? null);
  },
  read: (body, _callback, connection) => readIpn(body, connection),
  /** The merchant whose money it is, under the name that every call of Kyanda's has; letter case does not matter. */
  receiver(body) {
    const value = shortTextOf(fieldsOf(body)("MerchantID", "merchant_id"));
    return value === null ? null : { path: "MerchantID", value };
  },
  recognizes(body) {
    const field = fieldsOf(body);
    const { code, word } = verdictOf(field);
    return refOf(field).ref !== null && (code ?? word) !== null && field("sessionId") === undefined;
  },
  accepted: () => jsonReply({ status: "success" }),
  unreadable: null,
};

function readIpn(body: Record<string, unknown>, connection: ProviderConnection): Reading {
  const field = fieldsOf(body);
  const problems = collectProblems();
  const { ref, merchantReference } = refOf(field);
  if (ref === null) problems.id("transactionRef", field("transactionRef", "merchant_reference"));
  const { code, word } = verdictOf(field);
  const kind = kindOf(textOf(field("category")), textOf(field("direction")));
  const says = saysOfIpn(code, word);
  const { receipt, ...payment } = paymentOf(body, kind, says, problems, connection);
  const found = problems.found();
  if (found) return found;

  const refs: ProviderRefs = { transaction_ref: ref!, ...(receipt !== null && { receipt }) };
  const finding: Finding = {
    kind,
    says,
    refs,
    identity: identityOfKyanda(refs),
    ...payment,
    ...(merchantReference !== null && merchantReference !== ref && { reference: merchantReference }),
  };
  return { kind: "evidence", findings: [finding] };
}
