import type { Finding, Says } from "../../domain/evidence.ts";
import type { Kind } from "../../domain/kinds.ts";
import type { ProviderConnection } from "../call.ts";
import { countryOf, currencyIn } from "../kit/country.ts";
import { readEastAfricaTime } from "../kit/east-africa-time.ts";
import { identityOf } from "../kit/identity.ts";
import { collectProblems, type Problems } from "../kit/problems.ts";
import { saysOf } from "../kit/status-table.ts";
import { isZeroCode } from "../kit/success-code.ts";
import { present, receiptOf, textOf } from "../kit/text.ts";
import type { Channel, Reading, StoredCallback } from "../provider.ts";
import { utilityBalance } from "./balance.ts";
import { homeCountry } from "./home-country.ts";
import { withOwnId } from "./own-id.ts";
import { partyOf } from "./party.ts";
import { realReceipt } from "./placeholder.ts";
import { accepted } from "./replies.ts";
import { resultCodes } from "./result-codes.ts";
import {
  isResult,
  isTimeOut,
  needConversation,
  type ResultEnvelope,
  resultEnvelope,
  resultKey,
} from "./result-envelope.ts";
import { subjectOf } from "./result-subject.ts";
import { readStatusAnswer } from "./status-answer.ts";
import { timeOutFinding } from "./timeout.ts";

/** The result of a B2C, B2B, reversal, transaction status or account balance request. */
export const result: Channel = {
  forms: false,
  key: body => resultKey(resultEnvelope(body)),
  read: (body, callback, connection) => withOwnId(readResult(body, callback, connection), callback),
  recognizes: isResult,
  accepted,
  unreadable: null,
};

const payoutIdentity = identityOf("conversation_id", "originator_conversation_id", "receipt");

function readResult(
  body: Record<string, unknown>,
  callback: Pick<StoredCallback, "receivedAt">,
  connection: ProviderConnection,
): Reading {
  const envelope = resultEnvelope(body);
  const problems = collectProblems();
  needConversation(envelope, problems);
  const code = problems.text("Result.ResultCode", envelope.fields("ResultCode"));
  if (isTimeOut(envelope)) return problems.found() ?? { kind: "evidence", findings: [timedOut(envelope, code)] };
  const subject = subjectOf(envelope.parameters);
  if (subject === "account_balance") {
    const balance = utilityBalance(envelope, callback.receivedAt, connection);
    const reason = "an account's balance is about no transaction";
    return problems.found() ?? { kind: "ignored", reason, ...(balance && { balance }) };
  }
  const finding =
    subject === "transaction_status"
      ? readStatusAnswer(envelope, code, problems, connection)
      : readPayout(envelope, subject, code, problems, connection);
  return problems.found() ?? { kind: "evidence", findings: [finding] };
}

/** One URL for results and time-outs is common; a notice there is polled at once as it is on `timeout`. */
function timedOut({ conversation, fields, moreToCome }: ResultEnvelope, code: string): Finding {
  const finding = timeOutFinding(conversation, fields("ResultDesc"));
  const result = { code, description: textOf(fields("ResultDesc")) ?? "" };
  return { ...finding, ...(moreToCome && { says: "processing" }), result };
}

function readPayout(
  envelope: ResultEnvelope,
  kind: Kind,
  code: string,
  problems: Problems,
  connection: ProviderConnection,
): Finding {
  const { conversation, fields, parameters, reference, moreToCome } = envelope;
  const country = countryOf(connection, homeCountry);
  const currency = currencyIn(connection, homeCountry);
  const says: Says = moreToCome ? "processing" : isZeroCode(code) ? "completed" : saysOf(resultCodes, code, "failed");
  const original = receiptOf(parameters("OriginalTransactionID"));
  const receipt = says === "completed" ? ownReceipt(envelope, original) : null;
  const amount =
    says === "completed"
      ? problems.amount("Result.ResultParameters.Amount", parameters("TransactionAmount", "Amount"), currency)
      : undefined;
  const occurredAt = readEastAfricaTime(
    parameters("TransactionCompletedDateTime", "TransactionCompletedTime", "TransCompletedTime"),
  );
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
    ...partyOf(parameters("ReceiverPartyPublicName", "CreditPartyPublicName"), country),
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
  const receipt = realReceipt(receiptOf(parameters("TransactionReceipt")) ?? fields("TransactionID"));
  return receipt === original ? null : receipt;
}
