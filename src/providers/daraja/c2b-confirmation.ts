import type { Finding } from "../../domain/evidence.ts";
import { fieldsOf } from "../kit/fields.ts";
import { keyOf } from "../kit/key.ts";
import { collectProblems } from "../kit/problems.ts";
import { pushIdentity } from "../kit/stk-envelope.ts";
import { receiptOf } from "../kit/text.ts";
import type { Channel, Reading } from "../provider.ts";
import { c2bFields } from "./c2b-fields.ts";
import { accepted } from "./replies.ts";

/**
 * Money that came in: always a success. Also sent for an STK push on a registered shortcode, under the push's receipt;
 * the shared identity makes them one payment.
 */
export const c2bConfirmation: Channel = {
  forms: false,
  key: body => keyOf(receiptOf(fieldsOf(body)("TransID"))),
  read: readConfirmation,
  accepted,
  unreadable: null,
};

function readConfirmation(body: Record<string, unknown>): Reading {
  const problems = collectProblems();
  const { receipt, amount, reference, phone, partyName, occurredAt, details } = c2bFields(body, problems);
  // Money without an amount cannot be booked; a problem of the amount's own is named already.
  if (!amount && fieldsOf(body)("TransAmount") === undefined) problems.add("TransAmount", "required");
  const refs = { receipt };
  const finding: Finding = {
    kind: "c2b",
    says: "completed",
    refs,
    identity: pushIdentity(refs),
    ...(amount && { amount }),
    ...(reference !== null && { reference }),
    ...(phone !== null && { phone }),
    ...(partyName !== null && { partyName }),
    ...(occurredAt && { occurredAt }),
    ...(details && { details }),
  };
  return problems.found() ?? { kind: "evidence", findings: [finding] };
}
