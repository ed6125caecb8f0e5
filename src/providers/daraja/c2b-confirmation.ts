import type { Finding } from "../../domain/evidence.ts";
import type { ProviderConnection } from "../call.ts";
import { fieldsOf } from "../kit/fields.ts";
import { keyOf } from "../kit/key.ts";
import { collectProblems } from "../kit/problems.ts";
import { pushIdentity } from "../kit/stk-envelope.ts";
import { receiptOf } from "../kit/text.ts";
import type { Channel, Reading } from "../provider.ts";
import { readBalance } from "./balance.ts";
import { c2bFields, c2bReceiver } from "./c2b-fields.ts";
import { accepted } from "./replies.ts";

/**
 * Money that came in: always a success. Also sent for an STK push on a registered shortcode, under the push's receipt;
 * the shared identity makes them one payment.
 */
export const c2bConfirmation: Channel = {
  forms: false,
  key: body => keyOf(receiptOf(fieldsOf(body)("TransID"))),
  read: (body, _callback, connection) => readConfirmation(body, connection),
  receiver: c2bReceiver,
  // A validation has the same fields, and waits for a decision. So only the confirmation claims them.
  recognizes(body) {
    const field = fieldsOf(body);
    return receiptOf(field("TransID")) !== null && field("TransAmount", "BusinessShortCode") !== undefined;
  },
  accepted,
  unreadable: null,
};

function readConfirmation(body: Record<string, unknown>, connection: ProviderConnection): Reading {
  const problems = collectProblems();
  const { receipt, amount, reference, payer, partyName, occurredAt, details } = c2bFields(body, connection, problems);
  // Money without an amount cannot be booked; a problem of the amount's own is named already.
  if (!amount && fieldsOf(body)("TransAmount") === undefined) problems.add("TransAmount", "required");
  const refs = { receipt };
  const balance = readBalance(fieldsOf(body)("OrgAccountBalance"), connection);
  const finding: Finding = {
    kind: "c2b",
    says: "completed",
    refs,
    identity: pushIdentity(refs),
    ...(amount && { amount }),
    ...(reference !== null && { reference }),
    ...payer,
    ...(partyName !== null && { partyName }),
    ...(occurredAt && { occurredAt }),
    ...(details && { details }),
    ...(balance && { balance }),
  };
  return problems.found() ?? { kind: "evidence", findings: [finding] };
}
