import type { Finding, Says } from "../../domain/evidence.ts";
import type { Kind } from "../../domain/kinds.ts";
import { readEastAfricaTime } from "../kit/east-africa-time.ts";
import { identityOf } from "../kit/identity.ts";
import { collectProblems, type Problems } from "../kit/problems.ts";
import { saysOf } from "../kit/status-table.ts";
import { present, receiptOf, textOf } from "../kit/text.ts";
import type { Channel, Reading } from "../provider.ts";
import { partyOf } from "./party.ts";
import { accepted } from "./replies.ts";
import { resultCodes } from "./result-codes.ts";
import { needConversation, type ResultEnvelope, resultEnvelope, resultKey } from "./result-envelope.ts";
import { subjectOf } from "./result-subject.ts";
import { readStatusAnswer } from "./status-answer.ts";

/** The result of a B2C, B2B, reversal, transaction status or account balance request. */
export const result: Channel = { forms: false, key: resultKey, read: readResult, accepted, unreadable: null };

const payoutIdentity = identityOf("conversation_id", "originator_conversation_id", "receipt");

function readResult(body: Record<string, unknown>): Reading {
  const envelope = resultEnvelope(body);
  const problems = collectProblems();
  needConversation(envelope, problems);
  const code = problems.text("Result.ResultCode", envelope.fields("ResultCode"));
  const subject = subjectOf(envelope.parameters);
  if (subject === "account_balance") {
    return problems.found() ?? { kind: "ignored", reason: "an account's balance is about no transaction" };
  }
  const finding =
    subject === "transaction_status"
      ? readStatusAnswer(envelope, code, problems)
      : readPayout(envelope, subject, code, problems);
  return problems.found() ?? { kind: "evidence", findings: [finding] };
}

function readPayout(envelope: ResultEnvelope, kind: Kind, code: string, problems: Problems): Finding {
  const { conversation, fields, parameters, reference, moreToCome } = envelope;
  const says: Says = moreToCome ? "processing" : saysOf(resultCodes, code, "failed");
  const original = receiptOf(parameters("OriginalTransactionID"));
  const receipt = says === "completed" ? ownReceipt(envelope, original) : null;
  const amount =
    says === "completed"
      ? problems.amount("Result.ResultParameters.Amount", parameters("TransactionAmount", "Amount"), "KES")
      : undefined;
  const occurredAt = readEastAfricaTime(parameters("TransactionCompletedDateTime", "TransCompletedTime"));
  const refs = { ...conversation, ...(receipt !== null && { receipt }) };
  const details = present({
    recipient_registered: parameters("B2CRecipientIsRegisteredCustomer"),
    charges: parameters("DebitPartyCharges", "Charge"),
    bill_reference: reference("BillReferenceNumber"),
  });
  return {
    kind,
    says,
    refs,
    identity: payoutIdentity(refs),
    result: { code, description: textOf(fields("ResultDesc")) ?? "" },
    ...partyOf(parameters("ReceiverPartyPublicName", "CreditPartyPublicName")),
    ...(amount && { amount }),
    ...(occurredAt && { occurredAt }),
    ...(details && { details }),
    ...(kind === "reversal" && says === "completed" && original !== null && { reverses: original }),
  };
}

/**
 * The receipt of the payout itself. Daraja fills TransactionID with a placeholder (`NLJ0000000`) where there is none,
 * and a reversal's own receipt must never be the one it gives back: sharing it would make the two one transaction.
 */
function ownReceipt({ fields, parameters }: ResultEnvelope, original: string | null): string | null {
  const receipt = receiptOf(parameters("TransactionReceipt")) ?? receiptOf(fields("TransactionID"));
  return receipt === null || receipt === original || /0{7}$/.test(receipt) ? null : receipt;
}
