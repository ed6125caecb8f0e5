import type { Finding } from "../../domain/evidence.ts";
import { readEastAfricaTime } from "../kit/east-africa-time.ts";
import type { Problems } from "../kit/problems.ts";
import { saysOf } from "../kit/status-table.ts";
import { idOf, receiptOf, textOf } from "../kit/text.ts";
import { partyOf } from "./party.ts";
import { transactionStatuses } from "./result-codes.ts";
import { conversationIdentity, type ResultEnvelope } from "./result-envelope.ts";

/**
 * The answer to a transaction status query. ResultCode 0 says only that the query worked; what became of the money is
 * TransactionStatus. The identity is the query's conversation, by which settling finds the polled transaction; the
 * refs, amount and party are those of that transaction. Its receipt is no identity here: it names another
 * transaction than the conversation does.
 */
export function readStatusAnswer(envelope: ResultEnvelope, code: string, problems: Problems): Finding {
  const { conversation, parameters, moreToCome } = envelope;
  const status = textOf(parameters("TransactionStatus"));
  const answered = code === "0" && !moreToCome && status !== null;
  const says = answered ? saysOf(transactionStatuses, status, "nothing") : "nothing";
  const receipt = receiptOf(parameters("ReceiptNo"));
  const conversationId = idOf(parameters("ConversationID"));
  const originatorId = idOf(parameters("OriginatorConversationID"));
  const amount = problems.amount("Result.ResultParameters.Amount", parameters("Amount"), "KES");
  const occurredAt = readEastAfricaTime(parameters("FinalisedTime"));
  return {
    says,
    answersQuestion: true,
    identity: conversationIdentity(conversation),
    refs: {
      ...(conversationId !== null && { conversation_id: conversationId }),
      ...(originatorId !== null && { originator_conversation_id: originatorId }),
      ...(receipt !== null && { receipt }),
    },
    ...(status !== null && {
      result: { code: status, description: textOf(parameters("TransactionReason")) ?? status },
    }),
    ...(amount && { amount }),
    ...(occurredAt && { occurredAt }),
    ...sides(partyOf(parameters("DebitPartyName")), partyOf(parameters("CreditPartyName"))),
  };
}

type Party = ReturnType<typeof partyOf>;

/**
 * The side with a phone is a customer: money from one came in, money to one went out. Between two shortcodes it is b2b.
 */
function sides(debit: Party, credit: Party): Party & Pick<Finding, "kind"> {
  if (debit.phone !== undefined) return { kind: "c2b", ...debit };
  if (credit.phone !== undefined) return { kind: "b2c", ...credit };
  return { kind: "b2b", ...credit };
}
