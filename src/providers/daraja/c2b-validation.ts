import type { ProviderConnection } from "../call.ts";
import type { DecisionReading, RejectionReason, Validation, ValidationVerdict } from "../decision.ts";
import { fieldsOf } from "../kit/fields.ts";
import { keyOf } from "../kit/key.ts";
import { collectProblems } from "../kit/problems.ts";
import { jsonReply } from "../kit/reply.ts";
import { receiptOf } from "../kit/text.ts";
import type { Channel, Reading, Reply } from "../provider.ts";
import { c2bFields, c2bReceiver } from "./c2b-fields.ts";

/** Daraja's codes for a rejected payment (Safaricom's C2B documentation). */
const reasonByCode = {
  C2B00011: "invalid_phone",
  C2B00012: "unknown_account",
  C2B00013: "invalid_amount",
  C2B00014: "customer_not_verified",
  C2B00015: "wrong_receiver",
  C2B00016: "other",
} as const satisfies Record<string, RejectionReason>;

const codeByReason = Object.fromEntries(
  Object.entries(reasonByCode).map(([code, reason]) => [reason, code]),
) as Readonly<Record<RejectionReason, string>>;

/**
 * Asks for a decision on a payment before money moves. It is no evidence: a payment is reported by its confirmation.
 * Daraja waits 8 s, then does what the registered `ResponseType` says.
 */
export const c2bValidation: Channel = {
  forms: false,
  key: body => keyOf(receiptOf(fieldsOf(body)("TransID"))),
  read(body, _callback, connection): Reading {
    const decision = readValidation(body, connection);
    if (decision.kind === "unreadable") return decision;
    return { kind: "ignored", reason: "a validation asks for a decision; no money moved" };
  },
  receiver: c2bReceiver,
  accepted: () => reply({ accept: true }),
  unreadable: null,
  decision: { type: "c2b.validation", read: readValidation, reply, codes: reasonByCode },
};

function readValidation(body: Record<string, unknown>, connection: ProviderConnection): DecisionReading<Validation> {
  const problems = collectProblems();
  const { receipt, amount, details, payer, ...rest } = c2bFields(body, connection, problems);
  if (!amount && fieldsOf(body)("TransAmount") === undefined) problems.add("TransAmount", "required");
  const found = problems.found();
  if (found || !amount)
    return found ?? { kind: "unreadable", problems: [{ path: "TransAmount", message: "required" }] };
  const phone = payer.phone ?? null;
  return {
    kind: "question",
    question: { id: receipt, refs: { receipt }, amount, phone, details: details ?? {}, ...rest },
  };
}

/** ResultCode is text here, unlike in the reply to a confirmation (Safaricom's C2B documentation). */
function reply(verdict: ValidationVerdict): Reply {
  return verdict.accept
    ? jsonReply({ ResultCode: "0", ResultDesc: "Accepted" })
    : jsonReply({ ResultCode: codeByReason[verdict.reason], ResultDesc: "Rejected" });
}
