import { fieldsOf } from "../kit/fields.ts";
import { keyOf } from "../kit/key.ts";
import { collectProblems } from "../kit/problems.ts";
import { jsonReply } from "../kit/reply.ts";
import { receiptOf } from "../kit/text.ts";
import type { Channel, DecisionReading, Reading, Reply, Validation, ValidationVerdict } from "../provider.ts";
import { c2bFields } from "./c2b-fields.ts";

/**
 * Asks whether a payment is wanted, before any money moves. Read as evidence it is nothing: money is the confirmation's to tell.
 * Daraja waits 8 s, then does what the registered `ResponseType` says.
 */
export const c2bValidation: Channel = {
  forms: false,
  key: body => keyOf(receiptOf(fieldsOf(body)("TransID"))),
  read(body): Reading {
    const asked = ask(body);
    return asked.kind === "unreadable" ? asked : { kind: "ignored", reason: "a validation asks; it is never money" };
  },
  accepted: () => answer({ accept: true }),
  unreadable: null,
  decision: { type: "c2b.validation", ask, answer },
};

function ask(body: Record<string, unknown>): DecisionReading<Validation> {
  const problems = collectProblems();
  const { receipt, amount, details, ...rest } = c2bFields(body, problems);
  if (!amount && fieldsOf(body)("TransAmount") === undefined) problems.add("TransAmount", "required");
  const found = problems.found();
  if (found || !amount)
    return found ?? { kind: "unreadable", problems: [{ path: "TransAmount", message: "required" }] };
  return { kind: "asked", question: { id: receipt, refs: { receipt }, amount, details: details ?? {}, ...rest } };
}

/** ResultCode is text here, unlike a confirmation's (Safaricom's C2B documentation). */
function answer(verdict: ValidationVerdict): Reply {
  return verdict.accept
    ? jsonReply({ ResultCode: "0", ResultDesc: "Accepted" })
    : jsonReply({ ResultCode: verdict.code, ResultDesc: "Rejected" });
}
